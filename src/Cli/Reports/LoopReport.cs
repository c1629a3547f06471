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
            kept ? "Committed: the pruned model serves now." : "Rolled back: the pruned model is not really better; what served before serves again.",
            new Style(kept ? Color.Green : Color.Yellow, decoration: Decoration.Bold));
        foreach (string reason in document.Reasons)
        {
            console.Line($"  {reason}");
        }

        console.Line();
        console.Write(Tables.Facts(
            ("predicted", $"{Figures.Milliseconds(document.Predicted.LatencyMs)}, {Figures.Millijoules(document.Predicted.EnergyMj)}; measured {Figures.Milliseconds(document.After.LatencyMs)}, {document.Provenance} {Figures.Millijoules(document.After.EnergyMj)}"),
            ("checked", $"equal to the masked original within {document.Verified.MaxRelError:G2} of the output's range, {document.Verified.Runs} inputs"),
            ("energy", $"{document.Provenance} ({document.ProvenanceSource})"),
            ("deployed", Figures.Digest(document.Deployed.Digest)),
            ("file", document.Deployed.Path),
            ("plan", document.Plan)));
    }
}
