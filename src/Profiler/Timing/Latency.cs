using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Timing;

/// <summary>Latency of whole runs, in seconds.</summary>
/// <param name="Median">Median of the rounds' medians, with its interval.</param>
/// <param name="P95">95th percentile of single runs.</param>
/// <param name="P99">99th percentile of single runs.</param>
/// <param name="Runs">Number of single runs.</param>
public sealed record Latency(Interval Median, double P95, double P99, int Runs)
{
    /// <param name="median">Of runs at the machine's best speed.</param>
    /// <param name="runs">All single runs, those included that something disturbed: percentiles tell what a user sees.</param>
    internal static Latency Of(Interval median, double[] runs) =>
        new(median, Order.Percentile(runs, 95), Order.Percentile(runs, 99), runs.Length);

    internal static Latency Of(IReadOnlyList<double[]> rounds)
    {
        double[] medians = [.. rounds.Select(r => Order.Median(r))];
        double[] all = [.. rounds.SelectMany(r => r)];
        return new Latency(Order.MedianInterval(medians), Order.Percentile(all, 95), Order.Percentile(all, 99), all.Length);
    }
}
