using EdgePrune.Profiler.Costs;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>costs</c>: what each layer costs over its widths. Times are measured; <see cref="Provenance"/> is that of the energies.</summary>
internal sealed record CostsDocument(
    string Device,
    string Provenance,
    Figure NetworkMs,
    double Calibration,
    double ResidualPct,
    CostsError? Error,
    IReadOnlyList<CostsLayer> Layers,
    IReadOnlyDictionary<string, string> Problems,
    IReadOnlyList<string> Notes,
    string Table)
{
    private static readonly double[] Shares = [0.25, 0.5, 0.75, 1];

    public static CostsDocument Of(CostTable table, string device, string provenance, string path) => new(
        device,
        provenance,
        Figure.Of(table.Network, 1e3)!,
        table.Calibration,
        table.Residual * 100,
        table.Error() is { } error ? CostsError.Of(error) : null,
        [.. table.Layers.Select(l => Layer(table, l))],
        table.Problems,
        table.Notes,
        path);

    private static CostsLayer Layer(CostTable table, CostLayer layer)
    {
        CostSurface surface = table.Surfaces[layer.Block.Key];
        int[][] widths = [.. Shares.Select(s => layer.Block.FullWidths.Select(w => Math.Max(1, (int)Math.Round(s * w))).ToArray())];
        return new CostsLayer(
            layer.Layer.Name,
            layer.Layer.Op,
            layer.Block.FullWidths,
            surface.Steps,
            surface.Points,
            surface.Error is { } error ? CostsError.Of(error) : null,
            [.. widths.DistinctBy(w => string.Join(',', w)).Select(w => CostsPoint.Of(table.Predict(layer.Block.Key, w), w))]);
    }
}

/// <summary>One layer. <paramref name="Steps"/> is the staircase found on each axis; <paramref name="Curve"/> holds a few points of the surface.</summary>
internal sealed record CostsLayer(
    string Name, string Op, IReadOnlyList<int> Widths, IReadOnlyList<AxisSteps> Steps, int Points, CostsError? Error, IReadOnlyList<CostsPoint> Curve);

/// <summary>What the table predicts at some widths.</summary>
internal sealed record CostsPoint(IReadOnlyList<int> Widths, double TimeUs, double EnergyUj)
{
    public static CostsPoint Of(Cost cost, IReadOnlyList<int> widths) => new(widths, cost.Time.Microseconds, cost.Total.Microjoules);
}

/// <summary>Error at widths that were held out, in percent.</summary>
internal sealed record CostsError(double MedianPct, double WorstPct, int Count, double? NoisePct)
{
    public static CostsError Of(HeldOutError error) => new(error.Median * 100, error.Worst * 100, error.Count, error.Noise * 100);
}
