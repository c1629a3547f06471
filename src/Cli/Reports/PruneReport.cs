using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="PruneDocument"/> for people.</summary>
internal static class PruneReport
{
    public static void Show(IAnsiConsole console, PruneDocument document)
    {
        PruneTarget target = document.Target;
        console.Write(BeforeAfterTable.Of(document.Before, document.After, document.Provenance));
        console.Line();
        string metric = target.Metric == "units" ? "energy" : target.Metric;
        console.Write(Tables.Facts(
            ("target", target.Metric == "units" ? $"remove {Figures.Percent(target.Share, 0)} of the units" : $"{target.Metric} at most {Figures.Percent(target.Share, 0)} of the original"),
            ("predicted", $"{metric} {Figures.Percent(target.PredictedShare)}; latency {Figures.Milliseconds(document.Predicted.LatencyMs)}"),
            ("came to", $"{metric} {Figures.Percent(target.MeasuredShare)} ({(metric == "energy" ? document.Provenance : "measured")}); latency {Figures.Milliseconds(document.After.LatencyMs)} (measured)"),
            ("removed", document.Kinds.Count == 0 ? "nothing" : string.Join(", ", document.Kinds.Select(k => UnitWords.Counted(k.Units, k.Kind) + (k.Inexact > 0 ? $" ({k.Inexact} inexact)" : "")))),
            ("constants", document.Constants.Count == 0 ? "none" : string.Join(", ", document.Constants)),
            ("checked", document.Verified.Summary())));
        console.Place("model", document.Output, "predicted".Length);
        console.Place("plan", document.Plan, "predicted".Length);
        if (!target.Met)
        {
            console.Line("The target is not met; this is the nearest that was found.", new Style(Color.Yellow));
        }
    }
}
