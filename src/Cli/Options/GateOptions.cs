using System.CommandLine;
using EdgePrune.Agent.Bundles;

namespace EdgePrune.Cli.Options;

/// <summary>The options that become the gates of a bundle.</summary>
internal sealed class GateOptions
{
    private const double LargestRatio = 1000;

    private readonly Option<double?> latency = Number("--max-latency-ratio", "Latency, new over old, that the device allows. [default: certainly lower]", 0, LargestRatio, "ratio");
    private readonly Option<double?> energy = Number("--max-energy-ratio", "Energy per inference, new over old, that the device allows; a device that cannot tell refuses. [default: certainly lower where the device can tell]", 0, LargestRatio, "ratio");
    private readonly Option<double?> agreement = Number("--min-agreement", "Share of answers that must be like those of the model before, 0 to 1.", 0, 1, "share");
    private readonly Option<double?> accuracy = Number("--max-accuracy-drop", "Percentage points by which fewer canaries may be classified rightly than before.", 0, 100, "points");
    private readonly Option<double?> canaries = Number("--min-canaries", "Share of canaries that must give the expected outputs, 0 to 1. [default: 1]", 0, 1, "share");
    private readonly Option<string?> check = new("--answer-check") { Description = "How answers are compared: top-1 or values. [default: top-1 for classifiers]", HelpName = "check" };
    private readonly Option<double?> tolerance = Number("--answer-tolerance", "Largest difference of values, as a share of the largest expected one. [default: 0.01]", 0, LargestRatio, "share");
    private readonly Option<int?> requests = Count("--probation-requests", "Comparisons after which the device decides.", 1);
    private readonly Option<double?> time = DurationOption.Of("--probation-time", "Time after which it decides at the latest.");
    private readonly Option<int?> least = Count("--min-requests", "Fewer comparisons decide nothing: the model goes back.", 0);

    public void AddTo(Command command)
    {
        check.AcceptOnlyFromAmong("top-1", "values");
        foreach (Option option in (Option[])[latency, energy, agreement, accuracy, canaries, check, tolerance, requests, time, least])
        {
            command.Add(option);
        }
    }

    /// <summary>The gates given; null: none.</summary>
    public BundleGates? Read(ParseResult parsed)
    {
        var gates = new BundleGates
        {
            MaxLatencyRatio = parsed.GetValue(latency),
            MaxEnergyRatio = parsed.GetValue(energy),
            MinAgreement = parsed.GetValue(agreement),
            MaxAccuracyDrop = parsed.GetValue(accuracy),
            MinCanaries = parsed.GetValue(canaries),
            AnswerCheck = parsed.GetValue(check) switch { "top-1" => AnswerCheck.Top1, "values" => AnswerCheck.Values, _ => null },
            AnswerTolerance = parsed.GetValue(tolerance),
            ProbationRequests = parsed.GetValue(requests),
            ProbationSeconds = parsed.GetValue(time) is { } seconds ? Math.Max(1, (long)Math.Round(seconds)) : null,
            MinRequests = parsed.GetValue(least),
        };
        return gates == BundleGates.None ? null : gates;
    }

    private static Option<double?> Number(string name, string description, double min, double max, string helpName)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } value && !(value >= min && value <= max))
            {
                result.AddError(FormattableString.Invariant($"{name} is {min} to {max}"));
            }
        });
        return option;
    }

    private static Option<int?> Count(string name, string description, int min)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < min)
            {
                result.AddError(FormattableString.Invariant($"{name} is at least {min}"));
            }
        });
        return option;
    }
}
