using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors;

/// <summary>One reading of one rail.</summary>
/// <param name="Time">Monotonic time since the window began, at the middle of the conversion where the part states it.</param>
/// <param name="Rail">Index into <see cref="IPowerSource.Rails"/>.</param>
/// <param name="Power">What the rail carried.</param>
/// <param name="IsFresh">False where the part had no new conversion and repeated its last value.</param>
public readonly record struct PowerSample(Seconds Time, int Rail, Watts Power, bool IsFresh);
