using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="LoopDocument"/> for people: one table, the verdict, and where the model is.</summary>
internal static class LoopReport
{
    public static void Show(IAnsiConsole console, LoopDocument document)
    {
        bool kept = document.Verdict == "committed";
        console.Write(BeforeAfterTable.Of(document.Before, document.After, document.Provenance));
        console.Line();
        console.Line(
            kept ? "Verdict: committed. The pruned model serves now." : "Verdict: rolled back. What served before serves again.",
            new Style(kept ? Color.Green : Color.Yellow, decoration: Decoration.Bold));
        foreach (string reason in document.Reasons)
        {
            console.Line($"  {reason}");
        }

        foreach (LoopRound round in document.Rounds ?? [])
        {
            console.Line($"  round {round.Round}: planned for {Figures.Percent(round.Aim)} of the energy, predicted {Figures.Percent(round.PredictedShare)}, came to {Figures.Percent(round.MeasuredShare)}");
        }

        console.Line();
        console.Write(Tables.Facts(
            [.. Board(document),
            ("target", $"{document.Target.Metric} at most {Figures.Percent(document.Target.Share, 0)} of before; it is {Figures.Percent(document.Target.MeasuredShare)}"),
            ("predicted", $"{Figures.Milliseconds(document.Predicted.LatencyMs)} and {Figures.Millijoules(document.Predicted.EnergyMj)}"),
            ("came to", $"{Figures.Milliseconds(document.After.LatencyMs)} (measured) and {Figures.Millijoules(document.After.EnergyMj)} ({document.Provenance})"),
            ("checked", $"{document.Verified.Summary()}, {document.Verified.Runs} inputs"),
            ("energy", $"{document.Provenance} ({document.ProvenanceSource})"),
            ("deployed", Figures.Digest(document.Deployed.Digest) + (kept ? ", the pruned model" : ", the model before"))]));
        console.Place(document.Agent is null ? "file" : "at", document.Deployed.Path, "predicted".Length);
        console.Place("plan", document.Plan, "predicted".Length);
    }

    private static IEnumerable<(string Name, string Value)> Board(LoopDocument document)
    {
        if (document.Agent is not null)
        {
            yield return ("board", $"{document.Device}, behind the agent at {document.Agent}");
        }

        if (document.Budget is { } word)
        {
            yield return ("budget", word switch
            {
                BudgetWord.Met when document.Target.MeasuredShare > document.Target.Share => "kept by measurement, within the 2 % that one run differs from the next by",
                BudgetWord.Met => "kept by measurement",
                BudgetWord.Unreachable => "proven out of reach: the cheapest plan was measured and takes more",
                _ => "not met in the rounds that were made",
            });
        }

        if (document.Recovery is { } recovery)
        {
            yield return ("recovered", $"{recovery.Epochs} epochs on {recovery.Samples} samples, the original as teacher");
        }
    }
}
