using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Tests.Costs;

/// <summary>A timer whose truth is known: time in microseconds as a function of the widths.</summary>
internal sealed class SyntheticTimer(
    Func<IReadOnlyList<int>, double> microseconds, double noise = 0, Func<IReadOnlyList<int>, BlockPath>? path = null) : IBlockTimer
{
    private readonly Random random = new(7);

    public int Calls { get; private set; }

    /// <summary>How many of them were to be quick.</summary>
    public int Hurried { get; private set; }

    public BlockMeasurement Measure(CostBlock block, IReadOnlyList<int> widths, bool hurried, CancellationToken cancel)
    {
        Calls++;
        Hurried += hurried ? 1 : 0;
        double time = microseconds(widths) * 1e-6 * (1 + (noise * ((2 * random.NextDouble()) - 1)));
        long macs = widths.Aggregate(1000L, (a, w) => a * w);
        return new BlockMeasurement(new Interval(time, time, time, hurried ? 1 : 9, hurried ? 0 : 0.96), macs, macs / 10, macs / 20, widths[^1] * 4L);
    }

    public BlockPath? Describe(CostBlock block, IReadOnlyList<int> widths) => path?.Invoke(widths);

    public static int Up(int width, int step) => (width + step - 1) / step * step;
}
