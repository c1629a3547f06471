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

        console.Line();
        console.Write(Tables.Facts(
            ("target", $"{document.Target.Metric} at most {Figures.Percent(document.Target.Share, 0)} of before; it is {Figures.Percent(document.Target.MeasuredShare)}"),
            ("predicted", $"{Figures.Milliseconds(document.Predicted.LatencyMs)} and {Figures.Millijoules(document.Predicted.EnergyMj)}"),
            ("came to", $"{Figures.Milliseconds(document.After.LatencyMs)} (measured) and {Figures.Millijoules(document.After.EnergyMj)} ({document.Provenance})"),
            ("checked", $"{document.Verified.Summary()}, {document.Verified.Runs} inputs"),
            ("energy", $"{document.Provenance} ({document.ProvenanceSource})"),
            ("deployed", Figures.Digest(document.Deployed.Digest) + (kept ? ", the pruned model" : ", the model before"))));
        console.Place("file", document.Deployed.Path, "predicted".Length);
        console.Place("plan", document.Plan, "predicted".Length);
    }
}
