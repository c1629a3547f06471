using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>When a channel has something new. The kernel passes no conversion-ready bit on.</summary>
/// <param name="Poll">How often it is read.</param>
/// <param name="RepeatsAfter">A reading that equals the one before counts as a new conversion once this time has passed.</param>
/// <param name="Averaging">Time over which a reading averages.</param>
/// <param name="Lag">How far the middle of what a reading averages lies before the time at which it is read, on average.</param>
/// <param name="Staleness">The oldest that a reading can be.</param>
internal sealed record ChannelTiming(Seconds Poll, Seconds RepeatsAfter, Seconds Averaging, Seconds Lag, Seconds Staleness)
{
    private const double ShortestPoll = 0.5e-3;

    /// <summary>Whether the part tells its rate.</summary>
    public bool IsKnown { get; private init; } = true;

    /// <summary>A part that shows a new mean over <paramref name="averaging"/> every <paramref name="period"/>.</summary>
    /// <param name="delay">Further delay of an average that is recursive.</param>
    public static ChannelTiming Of(double period, double averaging, double delay = 0) => new(
        new Seconds(Math.Max(period, ShortestPoll)),
        new Seconds(period),
        new Seconds(averaging),
        // Read at an instant that knows nothing of the part's clock, the last conversion ended half a period ago on average.
        new Seconds(delay + ((period + averaging) / 2)),
        new Seconds(delay + period + averaging));

    /// <summary>A part whose rate is not told: read often, believed to be new where it differs.</summary>
    /// <param name="poll">How often it is read.</param>
    /// <param name="staleness">The oldest that its reading may be.</param>
    public static ChannelTiming Unknown(double poll, double staleness) => new(
        // A constant power repeats itself too: without this bound a quiet rail would look like a dead sensor.
        new Seconds(poll), new Seconds(10 * poll), default, new Seconds(poll / 2), new Seconds(staleness))
    {
        IsKnown = false,
    };
}
