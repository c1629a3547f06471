namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>What a calibration measured and found.</summary>
/// <param name="Calibration">The result, for the file.</param>
/// <param name="Rounds">How often each workload was measured with each group of counters.</param>
/// <param name="Repeated">Windows that had to be thrown away and measured again.</param>
/// <param name="Capacity">Hardware events that the machine counts at once.</param>
/// <param name="Candidates">Events that were offered to the fit.</param>
public sealed record CalibrationRun(
    CounterCalibration Calibration, int Rounds, int Repeated, int Capacity, IReadOnlyList<string> Candidates);
