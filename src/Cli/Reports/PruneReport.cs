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
        console.Write(Tables.Facts([
            ("target", target.Metric == "units"
                ? $"remove {Figures.Percent(target.Share, 0)} of the units"
                : $"{string.Join(", ", document.Targets.Select(t => $"{t.Metric} at most {Figures.Percent(t.Share, 0)}"))} of the original"),
            ("predicted", $"{Shares(document, metric, t => t.PredictedShare)}; latency {Figures.Milliseconds(document.Predicted.LatencyMs)}"),
            ("came to", $"{Shares(document, metric, t => t.MeasuredShare)} ({How(document, metric)}); latency {Figures.Milliseconds(document.After.LatencyMs)} (measured)"),
            .. Bound(document),
            ("removed", document.Kinds.Count == 0 ? "nothing" : string.Join(", ", document.Kinds.Select(k => UnitWords.Counted(k.Units, k.Kind) + (k.Inexact > 0 ? $" ({k.Inexact} inexact)" : "")))),
            ("constants", document.Constants.Count == 0 ? "none" : string.Join(", ", document.Constants)),
            ("checked", document.Verified.Summary())]));
        console.Place("model", document.Output, "predicted".Length);
        console.Place("plan", document.Plan, "predicted".Length);
        if (!target.Met)
        {
            console.Line("The target is not met; this is the nearest that was found.", new Style(Color.Yellow));
        }
    }

    private static string Shares(PruneDocument document, string metric, Func<PruneTarget, double> share) =>
        document.Targets.Count == 0
            ? $"{metric} {Figures.Percent(share(document.Target))}"
            : string.Join(", ", document.Targets.Select(t => $"{t.Metric} {Figures.Percent(share(t))}"));

    private static IEnumerable<(string, string)> Bound(PruneDocument document)
    {
        if (document.Targets.Count > 0 && document.Bound.GapPct is not null)
        {
            yield return ("choice", document.Bound.ToString());
        }
    }

    private static string How(PruneDocument document, string metric) => metric switch
    {
        "energy" => document.Provenance,
        "latency" => "measured",
        _ => "counted",
    };
}
