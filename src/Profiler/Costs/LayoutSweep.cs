using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Measures what changing the layout of a network's values costs, over the number of channels for each size of a channel. It is no
/// straight line: 16 rows of 4096 bytes, say, meet in the same lines of the nearest cache, and 8 do not.
/// </summary>
internal static class LayoutSweep
{
    private static readonly int[] Few = [1, 4, 8, 12, 15];
    private const int Most = 64 * LayoutAdapter.Block;

    public static LayoutComposition Run(
        GraphProto model, IReadOnlyList<CostLayer> layers, ValueTable values, RuntimeBlockTimer timer, CostStore store, long context, Func<bool> hurried, CancellationToken cancel)
    {
        var costs = new Dictionary<string, ReorderCost>(StringComparer.Ordinal);
        (long Plane, long Elements) Size(string value) => values.Dims(value) is { Length: 4 } dims ? (dims[2] * dims[3], values.Elements(value)) : default;
        foreach ((long plane, long channels) in new LayoutComposition(model, layers, Size, costs).Sizes())
        {
            int many = (int)Math.Clamp((channels + LayoutAdapter.Block - 1) / LayoutAdapter.Block * LayoutAdapter.Block, LayoutAdapter.Block, Most);
            var to = new List<(double, double)>();
            var from = new List<(double, double)>();
            foreach (int count in Few.Append(LayoutAdapter.Block).Append((many / 2) + 1).Append(many).Where(c => c <= many).Distinct().Order())
            {
                if (Measured(plane, count) is { } seconds)
                {
                    // The input of the layout loop has whole blocks.
                    to.Add(((count + LayoutAdapter.Block - 1) / LayoutAdapter.Block * LayoutAdapter.Block, seconds.To));
                    from.Add((count, seconds.From));
                }
            }

            if (from.Count > 0)
            {
                costs[LayoutComposition.Key(true, plane)] = ReorderCost.Of(to);
                costs[LayoutComposition.Key(false, plane)] = ReorderCost.Of(from);
            }
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

            if (timer.MeasureReorders(plane, channels, hurried(), cancel) is not { } measured)
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
