namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>What one count costs.</summary>
/// <param name="Event">Name of the event.</param>
/// <param name="Picojoules">Energy of one count, ≥ 0; of a nanosecond where the event is task-clock (so milliwatts of a busy core).</param>
public sealed record CounterCoefficient(string Event, double Picojoules);
