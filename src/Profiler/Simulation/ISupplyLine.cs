using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>
/// A supply line as the pins of a simulated sensor see it. Times are seconds on the simulated board's clock; means are exact
/// integrals over the interval, which is what a converter that integrates gives.
/// </summary>
public interface ISupplyLine
{
    /// <summary>The board's time now; it never runs backwards, whatever the sensor's host believes.</summary>
    Seconds Now { get; }

    /// <summary>Mean current in amperes over [from, to]; at the instant where the two are equal.</summary>
    double MeanAmperes(Seconds from, Seconds to);

    /// <summary>Mean voltage in volts over [from, to].</summary>
    double MeanVolts(Seconds from, Seconds to);
}
