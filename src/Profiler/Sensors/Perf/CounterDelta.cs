using System.Globalization;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>What was counted between two readings.</summary>
/// <param name="Counts">One an event, summed over threads and scaled for the time in which it was not on the hardware.</param>
/// <param name="Share">Smallest share of the time that an event was on the hardware; 1 where nothing was scaled.</param>
/// <param name="Problem">Why the counts cannot be used, or null.</param>
public sealed record CounterDelta(IReadOnlyList<double> Counts, double Share, string? Problem)
{
    /// <summary>Below this an extrapolation tells more about when the event was counted than about the work.</summary>
    private const double LeastShare = 0.9;

    private const double NotScaled = 0.9999;

    /// <summary>True where another user of the counters took turns with this one, so that counts are extrapolated.</summary>
    public bool IsScaled => Share < NotScaled;

    /// <param name="events">Names, for messages; their number is the length of a row.</param>
    public static CounterDelta Between(IReadOnlyList<RawCount> first, IReadOnlyList<RawCount> second, IReadOnlyList<string> events)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(events);
        if (first.Count != second.Count || events.Count == 0 || first.Count % events.Count != 0)
        {
            throw new ArgumentException($"readings of {first.Count} and {second.Count} values of {events.Count} events do not belong together");
        }

        double[] counts = new double[events.Count];
        double[] enabled = new double[events.Count];
        double[] running = new double[events.Count];
        for (int i = 0; i < first.Count; i++)
        {
            int e = i % events.Count;
            (RawCount a, RawCount b) = (first[i], second[i]);
            if (b.Value < a.Value || b.Enabled < a.Enabled || b.Running < a.Running)
            {
                return new CounterDelta(counts, 0, $"counter {events[e]} went backwards, from {a.Value} to {b.Value}");
            }

            double wanted = b.Enabled - a.Enabled;
            double had = b.Running - a.Running;
            counts[e] += had > 0 ? (b.Value - a.Value) * Math.Max(1, wanted / had) : 0;
            enabled[e] += wanted;
            running[e] += Math.Min(had, wanted);
        }

        double share = 1;
        int scarcest = 0;
        for (int e = 0; e < counts.Length; e++)
        {
            double own = enabled[e] > 0 ? running[e] / enabled[e] : 1;
            (share, scarcest) = own < share ? (own, e) : (share, scarcest);
        }

        string? problem = share >= LeastShare ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"counter {events[scarcest]} was on the hardware for {share * 100:F0} % of the time: something else (perf, a watchdog) uses the counters; end it");
        return new CounterDelta(counts, share, problem);
    }
}
