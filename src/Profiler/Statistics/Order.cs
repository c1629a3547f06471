namespace EdgePrune.Profiler.Statistics;

/// <summary>
/// Order statistics: medians, percentiles and the distribution-free interval of a median. Nothing here assumes a
/// distribution, because times on a shared machine have none that is known.
/// </summary>
public static class Order
{
    private const double Tail = 0.025;

    /// <summary>Median; the mean of the middle two where the count is even.</summary>
    public static double Median(ReadOnlySpan<double> samples)
    {
        double[] sorted = Sorted(samples);
        return MedianOfSorted(sorted);
    }

    /// <summary>The nearest-rank percentile: the smallest sample that at least <paramref name="percent"/> % do not exceed.</summary>
    public static double Percentile(ReadOnlySpan<double> samples, double percent)
    {
        if (percent is not (> 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(percent), percent, "a percentile lies above 0 and up to 100");
        }

        double[] sorted = Sorted(samples);
        int rank = (int)Math.Ceiling(percent / 100 * sorted.Length);
        return sorted[Math.Max(rank, 1) - 1];
    }

    /// <summary>
    /// Median with the interval between the k-th lowest and k-th highest sample, k as large as a two-sided 95 % sign test
    /// allows (Conover, Practical Nonparametric Statistics, section 3.2). Below six samples no such k exists; then the
    /// whole range is given with the coverage that it has.
    /// </summary>
    public static Interval MedianInterval(ReadOnlySpan<double> samples)
    {
        double[] sorted = Sorted(samples);
        int n = sorted.Length;
        int k = 1;
        double term = -n * Math.Log(2); // a logarithm: of more than a thousand samples the first terms are below what a double holds
        double below = Math.Exp(term);
        while (true)
        {
            double next = term + Math.Log((n - k + 1.0) / k);
            if (below + Math.Exp(next) > Tail || 2 * (k + 1) > n + 1)
            {
                break;
            }

            below += Math.Exp(next);
            term = next;
            k++;
        }

        return new Interval(MedianOfSorted(sorted), sorted[k - 1], sorted[n - k], n, Math.Max(0, 1 - (2 * below)));
    }

    private static double MedianOfSorted(double[] sorted)
    {
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static double[] Sorted(ReadOnlySpan<double> samples)
    {
        if (samples.IsEmpty)
        {
            throw new ArgumentException("no samples", nameof(samples));
        }

        double[] sorted = samples.ToArray();
        Array.Sort(sorted);
        return double.IsNaN(sorted[0]) ? throw new ArgumentException("a sample is not a number", nameof(samples)) : sorted;
    }
}
