using System.Globalization;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Deployment;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// Whether a model stays. Without gates it stays only if it is really better: the whole interval of each ratio lies below 1. A
/// gate moves that limit; one that could not be checked does not hold.
/// </summary>
internal static class ProbationRule
{
    /// <param name="evidence">What was seen.</param>
    /// <param name="plan">What the model must hold to.</param>
    /// <param name="canaries">How it did on them before the switch; null: the bundle held none.</param>
    public static DeploymentVerdict Decide(ProbationEvidence evidence, ProbationPlan plan, CanaryFigure? canaries)
    {
        BundleGates gates = plan.Gates;
        var reasons = new List<string>();
        int compared = evidence.Compared;
        bool kept = compared >= plan.MinRequests;
        reasons.Add(Text($"compared with the model before it {compared} times, {evidence.Requests} of them on live requests{(kept ? "" : Text($": fewer than the {plan.MinRequests} that it takes"))}"));

        Interval? latency = evidence.Latency();
        kept &= Holds("latency (measured)", latency, gates.MaxLatencyRatio, isDemanded: true, reasons);
        (Interval Ratio, Profiler.Units.Provenance Source)? energy = evidence.Energy();
        kept &= Holds($"energy{(energy is { } e ? $" ({e.Source.Word})" : "")}", energy?.Ratio, gates.MaxEnergyRatio, isDemanded: gates.MaxEnergyRatio is not null, reasons);
        AnswerFigure? answers = evidence.Answers;
        kept &= Agree(answers, gates.MinAgreement, reasons);
        DescribeCanaries(canaries, reasons);
        return new DeploymentVerdict
        {
            Decision = kept ? DeploymentVerdict.Committed : DeploymentVerdict.RolledBack,
            Reasons = reasons,
            LatencyRatio = latency is { } l ? RatioFigure.Of(l) : null,
            EnergyRatio = energy is { } j ? RatioFigure.Of(j.Ratio, j.Source.Word) : null,
            Answers = answers,
            Canaries = canaries,
        };
    }

    /// <summary>The first model of a device: there is nothing to be better than.</summary>
    public static DeploymentVerdict First(int runs, CanaryFigure? canaries)
    {
        var reasons = new List<string> { Text($"there is no model before it to compare with; it ran {runs} times without a failure") };
        DescribeCanaries(canaries, reasons);
        return new DeploymentVerdict { Decision = DeploymentVerdict.Committed, Reasons = reasons, Canaries = canaries };
    }

    /// <summary>A model that failed.</summary>
    public static DeploymentVerdict Failed(string failure, ProbationEvidence evidence, CanaryFigure? canaries) => new()
    {
        Decision = DeploymentVerdict.RolledBack,
        Reasons = [failure],
        LatencyRatio = evidence.Latency() is { } l ? RatioFigure.Of(l) : null,
        EnergyRatio = evidence.Energy() is { } e ? RatioFigure.Of(e.Ratio, e.Source.Word) : null,
        Answers = evidence.Answers,
        Canaries = canaries,
    };

    private static bool Holds(string what, Interval? ratio, double? gate, bool isDemanded, List<string> reasons)
    {
        if (ratio is not { } known)
        {
            reasons.Add(isDemanded ? $"{what} could not be compared, and it has to be" : $"{what} was not compared: nothing here gives it");
            return !isDemanded;
        }

        string range = Text($"{what} is {known.Median * 100:F1} % of before ({known.Low * 100:F1} to {known.High * 100:F1})");
        bool holds = gate is { } limit ? known.High <= limit : known.High < 1;
        reasons.Add((gate, holds) switch
        {
            ({ } most, true) => Text($"{range}, {most * 100:G4} % is allowed"),
            ({ } most, false) => Text($"{range}: not certainly within the {most * 100:G4} % that is allowed"),
            (null, true) => range,
            (null, false) => $"{range}: not certainly lower",
        });
        return holds;
    }

    private static bool Agree(AnswerFigure? answers, double? least, List<string> reasons)
    {
        if (answers is not { Compared: > 0 })
        {
            reasons.Add(least is null
                ? "answers were not compared: there were neither live requests nor canaries"
                : "answers could not be compared, and they have to be: there were neither live requests nor canaries");
            return least is null;
        }

        double share = (double)answers.Agreed / answers.Compared;
        bool holds = least is not { } wanted || share >= wanted - 1e-9;
        reasons.Add(Text($"{answers.Agreed} of {answers.Compared} answers are like those of before{(least is { } l ? Text($", {l * 100:G4} % must be{(holds ? "" : ": too few")}") : "")}"));
        return holds;
    }

    private static void DescribeCanaries(CanaryFigure? canaries, List<string> reasons)
    {
        if (canaries is null)
        {
            return;
        }

        string accuracy = canaries.Accuracy is { } now
            ? Text($"; {now * 100:F2} % are classified rightly{(canaries.IncumbentAccuracy is { } before ? Text($", {before * 100:F2} % before") : "")}")
            : "";
        reasons.Add(Text($"{canaries.Passed} of {canaries.Run} canaries gave the expected outputs{accuracy}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
