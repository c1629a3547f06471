using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>A layer that the table knows.</summary>
/// <param name="Layer">As executed.</param>
/// <param name="Block">Its source nodes as a model, with full widths; the key leads to the surface.</param>
public sealed record CostLayer(Layer Layer, CostBlock Block);

/// <summary>
/// What each layer of a network costs at any widths on one device, and what the network costs. Measured by <see cref="CostSweep"/>.
/// </summary>
public sealed class CostTable
{
    private readonly IReadOnlyDictionary<string, CostSurface> surfaces;
    private readonly LayoutComposition? layouts;
    private readonly EnergyModel energy;
    private readonly int cores;
    private readonly BlockEstimate[] full;

    internal CostTable(
        IReadOnlyList<CostLayer> layers,
        IReadOnlyDictionary<string, CostSurface> surfaces,
        IReadOnlyDictionary<string, string> problems,
        LayoutComposition? layouts,
        Interval network,
        EnergyModel energy,
        int cores)
    {
        Layers = layers;
        this.surfaces = surfaces;
        Problems = problems;
        this.layouts = layouts;
        Network = network;
        this.energy = energy;
        this.cores = cores;
        full = [.. layers.Select(l => Estimate(l.Block.Key, l.Block.FullWidths))];
        Composed = Compose(full);
        Calibration = Composed > 0 ? network.Median / Composed : 1;
    }

    /// <summary>Layers with source nodes, in order of execution.</summary>
    public IReadOnlyList<CostLayer> Layers { get; }

    /// <summary>Surfaces by block key.</summary>
    public IReadOnlyDictionary<string, CostSurface> Surfaces => surfaces;

    /// <summary>Layers (by name) that could not be measured, with the reason; they count as part of the residual.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; }

    /// <summary>What a reader must know: a table that was set aside, points that were stale.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    internal LayoutComposition? Layouts => layouts;

    /// <summary>Measured latency of the whole network, seconds.</summary>
    public Interval Network { get; }

    /// <summary>Seconds of the network by its layers and the layout changes between them, before the correction.</summary>
    public double Composed { get; }

    /// <summary>What the composition leaves unexplained: (composed − measured) / measured.</summary>
    public double Residual => (Composed - Network.Median) / Network.Median;

    /// <summary>
    /// Measured latency of the network over <see cref="Composed"/>: the runtime's own time and what else the isolated loops do not
    /// see. Multiplies every predicted network time.
    /// </summary>
    public double Calibration { get; }

    /// <summary>What one layer costs at some widths.</summary>
    /// <param name="blockKey">See <see cref="CostBlock.Key"/>.</param>
    /// <param name="widths">1 to the full width on each axis.</param>
    public Cost Predict(string blockKey, IReadOnlyList<int> widths) => Cost.Of(Estimate(blockKey, widths), energy, cores);

    /// <summary>What the network costs when each layer has the widths given; full where a layer (by index) is not named.</summary>
    /// <param name="widths">Of each layer.</param>
    /// <param name="stays">False for a layer that is taken out; null where all stay.</param>
    public Cost PredictNetwork(Func<CostLayer, IReadOnlyList<int>?> widths, Func<CostLayer, bool>? stays = null)
    {
        ArgumentNullException.ThrowIfNull(widths);
        BlockEstimate[] estimates = [.. Layers.Select(l =>
        {
            BlockEstimate estimate = Estimate(l.Block.Key, widths(l) ?? l.Block.FullWidths);
            // What is taken out costs nothing and hands on what it read.
            return stays is null || stays(l) ? estimate : default(BlockEstimate) with { Layout = estimate.Layout };
        })];
        BlockEstimate sum = default;
        foreach (BlockEstimate e in estimates)
        {
            sum = sum with
            {
                Macs = sum.Macs + e.Macs,
                BytesMoved = sum.BytesMoved + e.BytesMoved,
                WeightBytes = sum.WeightBytes + e.WeightBytes,
                ActivationBytes = Math.Max(sum.ActivationBytes, e.ActivationBytes),
            };
        }

        return Cost.Of(sum with { Time = Compose(estimates) * Calibration }, energy, cores);
    }

    /// <summary>Error over the held-out points of all surfaces; each surface counts with the time of its layers.</summary>
    public HeldOutError? Error()
    {
        (HeldOutError Error, double Weight)[] known =
        [
            .. Layers.Where(l => surfaces.TryGetValue(l.Block.Key, out CostSurface? s) && s.Error is not null)
                .Select(l => (surfaces[l.Block.Key].Error!, Estimate(l.Block.Key, l.Block.FullWidths).Time)),
        ];
        double weight = known.Sum(k => k.Weight);
        return weight == 0
            ? null
            : new HeldOutError(
                known.Sum(k => k.Error.Median * k.Weight) / weight,
                known.Max(k => k.Error.Worst),
                surfaces.Values.Sum(s => s.Error?.Count ?? 0))
            {
                Noise = known.Any(k => k.Error.Noise is null) ? null : known.Sum(k => k.Error.Noise!.Value * k.Weight) / weight,
            };
    }

    private double Compose(IReadOnlyList<BlockEstimate> estimates) =>
        estimates.Sum(e => e.Time) + (layouts?.Seconds(Layers, estimates, full) ?? 0);

    private BlockEstimate Estimate(string key, IReadOnlyList<int> widths) =>
        surfaces.TryGetValue(key, out CostSurface? surface) ? surface.At(widths)
        : throw new ArgumentException($"no block {key} in this table", nameof(key));
}
