using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="PruneDocument"/> for people.</summary>
internal static class PruneReport
{
    public static void Show(IAnsiConsole console, PruneDocument document)
    {
        PruneTarget target = document.Target;
        Table table = BeforeAfterTable.Of(document.Before, document.After, document.Provenance);
        if (document.Evaluation is { } evaluation)
        {
            EvaluationReport.AddTo(table, evaluation);
        }

        console.Write(table);
        console.Line();
        string metric = target.Metric == "units" ? "energy" : target.Metric;
        List<(string, string)> facts =
        [
            ("target", target.Metric == "units"
                ? $"remove {Figures.Percent(target.Share, 0)} of the units"
                : $"{string.Join(", ", document.Targets.Select(t => $"{t.Metric} at most {Figures.Percent(t.Share, 0)}"))} of the original"),
            ("predicted", $"{Shares(document, metric, t => t.PredictedShare)}; latency {Figures.Milliseconds(document.Predicted.LatencyMs)}"),
            ("came to", $"{Shares(document, metric, t => t.MeasuredShare)} ({How(document, metric)}); latency {Figures.Milliseconds(document.After.LatencyMs)} (measured)"),
            .. Bound(document),
            ("removed", document.Kinds.Count == 0 ? "nothing" : string.Join(", ", document.Kinds.Select(k => UnitWords.Counted(k.Units, k.Kind) + (k.Inexact > 0 ? $" ({k.Inexact} inexact)" : "")))),
            ("constants", document.Constants.Count == 0 ? "none" : string.Join(", ", document.Constants)),
            ("checked", document.Verified.Summary()),
        ];
        if (document.Reconstructed is { Layers: > 0 } fitted)
        {
            facts.Add(("fitted", $"{fitted.Layers} layers; error {Figures.Percent(fitted.ErrorBefore)} → {Figures.Percent(fitted.ErrorAfter)} of the variance, as a mean"));
        }

        if (document.Floor is { } floor)
        {
            facts.Add(("floor", $"{Figures.Percent(floor.After, 2)} on {floor.Samples} held-out samples, at least {Figures.Percent(floor.Least, 2)} was asked for (original {Figures.Percent(floor.Before, 2)}); {floor.Trials} models tried"));
        }

        if (document.Transfer is { } carried)
        {
            facts.Add(("plan", $"widths carried over for {carried.ByName} groups by name, {carried.ByOrder} by order{Named("; stay whole", carried.Unmatched)}{Named("; not in this model", carried.Unused)}"));
        }

        if (document.CostsFrom is { } board)
        {
            facts.Add(("costs", $"of {board}, measured there; both models were measured on this machine"));
        }

        if (document.Sparse is { } sparse)
        {
            facts.Add(("zeros", $"{sparse.Zeros:N0} of {sparse.Weights:N0} weights ({Figures.Percent((double)sparse.Zeros / Math.Max(1, sparse.Weights))})"));
        }

        if (document.Stages is { Count: > 1 } stages)
        {
            int restored = stages.Sum(s => s.Restored);
            facts.Add(("schedule", $"{stages.Count} changes: {string.Join(" → ", Thinned([.. stages.Select(s => s.Removed)]))} units gone{(restored > 0 ? $", {restored} came back on the way" : "")}"));
        }

        if (document.DroppedTrainings is { } dropped)
        {
            facts.Add(("training", $"{(dropped == 1 ? "one" : $"{dropped}")} dropped: at every rate tried it only took the outputs further from the original's; a lower --learning-rate, more --calibration samples or more --recover-steps may help"));
        }

        facts.AddRange(document.Evaluation is { } judged ? EvaluationReport.Facts(judged) : []);
        console.Write(Tables.Facts([.. facts]));
        console.Place("model", document.Output, "predicted".Length);
        console.Place("plan", document.Plan, "predicted".Length);
        if (document.Evaluation is { } classes)
        {
            EvaluationReport.ShowClasses(console, classes);
        }

        if (document.Recipe is { } recipe)
        {
            console.Line();
            console.Line("recipe (--save-recipe FILE keeps it, --recipe FILE runs it again)", new Style(Color.Grey));
            console.Profile.Out.Writer.Write(recipe);
        }

        if (!target.Met)
        {
            console.Line("The target is not met; this is the nearest that was found.", new Style(Color.Yellow));
        }
    }

    // Of many changes the first, some between and the last.
    private static IEnumerable<string> Thinned(int[] removed) => Enumerable.Range(0, removed.Length)
        .Where(i => removed.Length <= 8 || i == removed.Length - 1 || i % ((removed.Length + 6) / 7) == 0).Select(i => $"{removed[i]:N0}");
    private static string Named(string what, IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $"{what}: {string.Join(", ", names.Take(4).Select(n => Printable.Name(n)))}{(names.Count > 4 ? $" and {names.Count - 4} more" : "")}";

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
