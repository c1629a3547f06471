using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>Measures what changing the layout of a network's values costs, at two numbers of channels for each size of a channel.</summary>
internal static class LayoutSweep
{
    // Where the runtime blocks, it blocks by 8 or 16 channels.
    private const int Block = 16;

    public static LayoutComposition Run(
        GraphProto model, IReadOnlyList<CostLayer> layers, ValueTable values, RuntimeBlockTimer timer, CostStore store, long context, CancellationToken cancel)
    {
        var costs = new Dictionary<string, ReorderCost>(StringComparer.Ordinal);
        (long Plane, long Elements) Size(string value) => values.Dims(value) is { Length: 4 } dims ? (dims[2] * dims[3], values.Elements(value)) : default;
        foreach ((long plane, long channels) in new LayoutComposition(model, layers, Size, costs).Sizes())
        {
            int many = (int)Math.Clamp((channels + Block - 1) / Block * Block, Block, 64 * Block);
            if (Measured(plane, Block) is not { } few || Measured(plane, many) is not { } wide)
            {
                continue;
            }

            costs[LayoutComposition.Key(true, plane)] = new ReorderCost(Block, few.To, many, wide.To);
            costs[LayoutComposition.Key(false, plane)] = new ReorderCost(Block, few.From, many, wide.From);
        }

        return new LayoutComposition(model, layers, Size, costs);

        (double To, double From)? Measured(long plane, int channels)
        {
            cancel.ThrowIfCancellationRequested();
            string to = LayoutComposition.Key(true, plane);
            string from = LayoutComposition.Key(false, plane);
            if (store.TryFind(context, to, [channels], out BlockMeasurement? knownTo) && store.TryFind(context, from, [channels], out BlockMeasurement? knownFrom))
            {
                return (knownTo!.Time.Median, knownFrom!.Time.Median);
            }

            if (timer.MeasureReorders(plane, channels, cancel) is not { } measured)
            {
                return null;
            }

            store.Add(context, to, [channels], Point(measured.ToBlocked));
            store.Add(context, from, [channels], Point(measured.FromBlocked));
            return measured;
        }
    }

    private static BlockMeasurement Point(double seconds) => new(new Interval(seconds, seconds, seconds, 1, 0), 0, 0, 0, 0);
}
