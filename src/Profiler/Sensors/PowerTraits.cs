using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors;

/// <summary>What a source can and cannot resolve. Zero means that the trait does not limit the source.</summary>
/// <param name="Period">Time between two new conversions of one rail.</param>
/// <param name="Averaging">Time over which the part averages each conversion.</param>
/// <param name="Resolution">Smallest step of a reading.</param>
/// <param name="Staleness">The oldest that a reading can be when it is handed out.</param>
/// <param name="Readout">Samples to integrate, or an energy that the source has integrated itself.</param>
public sealed record PowerTraits(
    Seconds Period, Seconds Averaging, Watts Resolution, Seconds Staleness, PowerReadout Readout)
{
    /// <summary>
    /// Half width of the 95 % interval of the source's gain, as a fraction: tolerance of the shunt and of the converter. It is
    /// common to all readings, so that no repetition makes it smaller; every interval holds it.
    /// </summary>
    public double RelativeAccuracy { get; init; }
}
