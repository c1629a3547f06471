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
    private readonly EnergyModel energy;
    private readonly int cores;

    internal CostTable(
        IReadOnlyList<CostLayer> layers,
        IReadOnlyDictionary<string, CostSurface> surfaces,
        IReadOnlyDictionary<string, string> problems,
        Interval network,
        EnergyModel energy,
        int cores)
    {
        Layers = layers;
        this.surfaces = surfaces;
        Problems = problems;
        Network = network;
        this.energy = energy;
        this.cores = cores;
        double sum = layers.Sum(l => Estimate(l.Block.Key, l.Block.FullWidths).Time);
        Calibration = sum > 0 ? network.Median / sum : 1;
    }

    /// <summary>Layers with source nodes, in order of execution.</summary>
    public IReadOnlyList<CostLayer> Layers { get; }

    /// <summary>Surfaces by block key.</summary>
    public IReadOnlyDictionary<string, CostSurface> Surfaces => surfaces;

    /// <summary>Layers (by name) that could not be measured, with the reason; they count as part of the residual.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; }

    /// <summary>Measured latency of the whole network, seconds.</summary>
    public Interval Network { get; }

    /// <summary>
    /// Measured latency of the network over the sum of its layers: layout changes, the runtime's own time and what else the
    /// isolated loops do not see. Multiplies every predicted network time.
    /// </summary>
    public double Calibration { get; }

    /// <summary>What one layer costs at some widths.</summary>
    /// <param name="blockKey">See <see cref="CostBlock.Key"/>.</param>
    /// <param name="widths">1 to the full width on each axis.</param>
    public Cost Predict(string blockKey, IReadOnlyList<int> widths) => Cost.Of(Estimate(blockKey, widths), energy, cores);

    /// <summary>What the network costs when each layer has the widths given; full where a layer (by index) is not named.</summary>
    public Cost PredictNetwork(Func<CostLayer, IReadOnlyList<int>?> widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        BlockEstimate sum = default;
        foreach (CostLayer layer in Layers)
        {
            BlockEstimate e = Estimate(layer.Block.Key, widths(layer) ?? layer.Block.FullWidths);
            sum = new BlockEstimate(
                sum.Time + e.Time,
                sum.Macs + e.Macs,
                sum.BytesMoved + e.BytesMoved,
                sum.WeightBytes + e.WeightBytes,
                Math.Max(sum.ActivationBytes, e.ActivationBytes));
        }

        return Cost.Of(sum with { Time = sum.Time * Calibration }, energy, cores);
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
                surfaces.Values.Sum(s => s.Error?.Count ?? 0));
    }

    private BlockEstimate Estimate(string key, IReadOnlyList<int> widths) =>
        surfaces.TryGetValue(key, out CostSurface? surface) ? surface.At(widths)
        : throw new ArgumentException($"no block {key} in this table", nameof(key));
}
