namespace EdgePrune.Profiler.Statistics;

/// <summary>A median with its confidence interval; the unit is that of the samples.</summary>
/// <param name="Median">Median of the samples.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Count">Number of samples.</param>
/// <param name="Coverage">
/// Probability that [Low, High] holds the true median: at least 0.95 from six samples on, less (the whole range) below.
/// </param>
public readonly record struct Interval(double Median, double Low, double High, int Count, double Coverage)
{
    /// <summary>The same interval in another unit. The factor must not be negative.</summary>
    public Interval Scale(double factor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(factor);
        return new(Median * factor, Low * factor, High * factor, Count, Coverage);
    }

    /// <summary>The same interval moved by a constant.</summary>
    public Interval Shift(double by) => new(Median + by, Low + by, High + by, Count, Coverage);

    /// <summary>Half the width over the median; 0 where the median is 0.</summary>
    public double RelativeHalfWidth => Median == 0 ? 0 : (High - Low) / 2 / Math.Abs(Median);
}
