using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Bench.CouplingTable;

/// <summary>A model's row of the table: its exact units, what they reach, the same with inexact units, and what stays frozen without those.</summary>
internal static class Row
{
    private const int MostReasons = 4;

    public static string Heading { get; } =
        "| model | exact units | of parameters | of MACs | with inexact units | of parameters | of MACs | frozen axes without them, and why |\n|---|---|--:|--:|---|--:|--:|---|";

    public static string Of(string name, OnnxModel model)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        var statistics = ModelStatistics.Of(model, shapes);
        CouplingResult exact = CouplingAnalysis.Run(model, shapes);
        CouplingResult inexact = CouplingAnalysis.Run(model, shapes, new CouplingOptions { AllowInexact = true });
        var share = PrunableShare.Of(exact, statistics);
        var more = PrunableShare.Of(inexact, statistics);
        bool same = inexact.Groups.All(g => g.Inexact is null);
        return $"| {name} | {Units(exact)} | {Percent(share.ParamsShare)} | {Percent(share.MacsShare)} "
            + (same ? "| none | | " : $"| {Units(inexact)} | {Percent(more.ParamsShare)} | {Percent(more.MacsShare)} ")
            + $"| {Reasons(exact)} |";
    }

    private static string Units(CouplingResult coupling) => string.Join(", ", coupling.Groups.GroupBy(g => g.Kind).OrderBy(k => k.Key).Select(k =>
    {
        string kind = JsonNamingPolicy.KebabCaseLower.ConvertName(k.Key.ToString()).Replace('-', ' ');
        int units = k.Sum(g => g.Units.Count);
        int inexact = k.Where(g => g.Inexact is not null).Sum(g => g.Units.Count);
        return $"{units} {kind}{(units == 1 ? "" : "s")}{(inexact > 0 ? $" ({inexact} inexact)" : "")}";
    }));

    private static string Percent(double share) => $"{share * 100:F1} %";

    private static string Reasons(CouplingResult coupling)
    {
        IReadOnlyList<FrozenReason> reasons = FrozenReason.Of(coupling.Frozen);
        string text = string.Join("; ", reasons.Take(MostReasons).Select(r => $"{r.Axes}: {r.Reason.Replace("|", "\\|", StringComparison.Ordinal)}"));
        return reasons.Count > MostReasons ? $"{text}; and {reasons.Skip(MostReasons).Sum(r => r.Axes)} for {reasons.Count - MostReasons} other reasons" : text;
    }
}
