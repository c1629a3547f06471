using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Commands;

/// <summary>Measures what each layer costs on this machine.</summary>
internal sealed class ProfileCommand : ReportingCommand
{
    private const double TimedSeconds = 6;
    private const double MeasuredSeconds = 60;

    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double?> time = DurationOption.Of(
        "--time", "Time to spend: 60s, 2m. [default: 6s, or 60s where the device has a power sensor]", "--seconds");

    private readonly Option<int> top = SharedOptions.InRange(
        new Option<int>("--top") { Description = "Layers to list, the most expensive first; JSON has all.", DefaultValueFactory = _ => 20, HelpName = "n" }, 1, 100_000);

    public ProfileCommand()
        : base("profile", "Measure the latency of each layer, and its energy or a model of it.", "edgeprune profile samples/digits/digits.onnx --top 10")
    {
        Add(model);
        Add(device);
        Add(threads);
        Add(provider);
        Add(seed);
        Add(shapes);
        Add(time);
        Add(top);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        Device board = Device.Load(parsed.GetValue(device)!);
        OnnxModel loaded = ModelFile.Load(parsed.GetValue(model)!, parsed.GetValue(shapes));
        using IPowerSource? source = PowerSources.Open(board, PowerSourceContext.ForThisMachine(TimeProvider.System));
        (double timing, double energy) = Shares(parsed.GetValue(time), source is not null);
        var options = new ProfileOptions
        {
            Device = board,
            Session = SharedOptions.Settings(parsed, threads, provider),
            Budget = new Seconds(timing),
            Source = source,
            EnergyBudget = new Seconds(energy),
            Seed = parsed.GetValue(seed),
            Shapes = parsed.GetValue(shapes),
        };
        ProfileReport report = reporter.Step(
            "profiling", progress => Profile.Run(loaded, options, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancellationToken));
        var document = ProfileDocument.Of(report);
        ExitCode code = report.Measured is { Invalid: not null } ? ExitCode.DeviceUnavailable : ExitCode.Ok;
        return new Outcome(document, console => ProfileView.Show(console, document, parsed.GetValue(top))) { Code = code };
    }

    // Times settle sooner than energies: they get a tenth, as much as they need at most.
    private static (double Timing, double Energy) Shares(double? time, bool measured) =>
        measured ? (Math.Clamp((time ?? MeasuredSeconds) / 10, 1, TimedSeconds), (time ?? MeasuredSeconds) * 0.9) : (time ?? TimedSeconds, 0);
}
