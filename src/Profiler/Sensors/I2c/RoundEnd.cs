using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>When a round of conversions ended at the earliest, and how fast the part converts.</summary>
/// <param name="Clock">The clock of the timestamps.</param>
/// <param name="Earliest">Timestamp before which the round cannot have ended.</param>
/// <param name="Scale">How much slower than typical the part converts.</param>
internal readonly record struct RoundEnd(TimeProvider Clock, long Earliest, double Scale)
{
    // What the estimate of the part's speed may be wrong by.
    private const double Margin = 0.95;

    /// <summary>Whether a register that the next round overwrites after <paramref name="lifetime"/> was latched before that.</summary>
    /// <param name="lifetime">With typical conversion times, since the round ended.</param>
    public bool IsBefore(long latched, Seconds lifetime) =>
        Clock.GetElapsedTime(Earliest, latched).TotalSeconds < lifetime.Value * Scale * Margin;
}
