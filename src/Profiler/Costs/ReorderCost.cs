using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>Seconds of one layout change over the number of channels, in straight lines between measured points.</summary>
internal sealed class ReorderCost
{
    private readonly (double Channels, double Seconds)[] points;

    private ReorderCost((double Channels, double Seconds)[] points) => this.points = points;

    /// <param name="points">At least one; several readings at one number of channels count with their median.</param>
    public static ReorderCost Of(IEnumerable<(double Channels, double Seconds)> points) => new(
        [.. points.GroupBy(p => p.Channels).OrderBy(g => g.Key).Select(g => (g.Key, Order.Median([.. g.Select(p => p.Seconds)])))]);

    public IReadOnlyList<(double Channels, double Seconds)> Points => points;

    /// <summary>Below the first point and above the last it stays what it is there.</summary>
    public double Seconds(double channels)
    {
        int above = Array.FindIndex(points, p => p.Channels >= channels);
        if (above <= 0)
        {
            return above == 0 ? points[0].Seconds : points[^1].Seconds;
        }

        (double x0, double y0) = points[above - 1];
        (double x1, double y1) = points[above];
        return y0 + ((y1 - y0) * (channels - x0) / (x1 - x0));
    }
}
