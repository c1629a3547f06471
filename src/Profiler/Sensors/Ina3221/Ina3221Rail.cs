namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>A rail on one channel of the part.</summary>
/// <param name="Channel">1, 2 or 3.</param>
internal readonly record struct Ina3221Rail(int Channel, double ShuntOhms);
