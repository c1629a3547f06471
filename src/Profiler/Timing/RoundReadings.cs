using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Readings of one loop over the rounds of several sittings, each sitting with sessions of its own. Where some rounds found an
/// undisturbed moment the others, which can only be scaled, do not count.
/// </summary>
internal sealed class RoundReadings
{
    private const int Fewest = 3;
    private readonly double[] seconds;

    /// <param name="readings">One a round; all NaN where there is nothing to read.</param>
    /// <param name="sittings">The sitting of each round.</param>
    public RoundReadings(IReadOnlyList<PacedReading> readings, IReadOnlyList<int> sittings)
    {
        int quiet = readings.Count(r => r.IsQuiet);
        IsQuiet = quiet >= Fewest;
        double median = IsQuiet && !readings.Any(r => double.IsNaN(r.Seconds)) ? Order.Median([.. readings.Where(r => r.IsQuiet).Select(r => r.Seconds)]) : double.NaN;
        seconds = [.. readings.Select(r => !IsQuiet || r.IsQuiet ? r.Seconds : median)];
        Interval = seconds.Any(double.IsNaN) ? default : Of([.. readings.Zip(sittings).Where(r => !IsQuiet || r.First.IsQuiet)]);
    }

    /// <summary>True where at least three rounds were undisturbed.</summary>
    public bool IsQuiet { get; }

    /// <summary>
    /// The median of the readings that count. Readings of one sitting share what the sitting has in common, so the interval is that
    /// of the readings widened to hold the medians of all sittings: with six of them that range alone holds the median of sittings
    /// with a probability of 0.97. Where readings had to be scaled it is widened by what the scaling leaves open.
    /// </summary>
    public Interval Interval { get; }

    /// <summary>Seconds in one round; the median of the undisturbed rounds where this one was disturbed.</summary>
    public double this[int round] => seconds[round];

    private static Interval Of((PacedReading Reading, int Sitting)[] readings)
    {
        Interval all = Order.MedianInterval([.. readings.Select(r => r.Reading.Seconds)]);
        double[] medians = [.. readings.GroupBy(r => r.Sitting).Select(g => Order.Median([.. g.Select(r => r.Reading.Seconds)]))];
        double doubt = 1 + Order.Median([.. readings.Select(r => r.Reading.Doubt)]);
        return all with { Low = Math.Min(all.Low, medians.Min()) / doubt, High = Math.Max(all.High, medians.Max()) * doubt };
    }
}
