using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors;

/// <summary>What a source saw between its start and its stop.</summary>
/// <param name="Duration">Length of the window on the monotonic clock.</param>
/// <param name="Energy">Energy of each rail, in the order of <see cref="IPowerSource.Rails"/>.</param>
/// <param name="Samples">The readings behind it; for an energy counter mean powers for display, or nothing.</param>
/// <param name="Provenance">Where the figures come from.</param>
/// <param name="Invalid">Why the window must be thrown away (too few fresh samples, a bus error, a wrap), or null.</param>
public sealed record PowerWindow(
    Seconds Duration,
    IReadOnlyList<Joules> Energy,
    IReadOnlyList<PowerSample> Samples,
    Provenance Provenance,
    string? Invalid)
{
    /// <summary>The clock's timestamp from which the samples' times count; null where the source has no samples.</summary>
    public long? Started { get; init; }
}
