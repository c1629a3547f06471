namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>
/// How far predictions of dynamic power were off for workloads that were left out of everything, the choice of counters included.
/// </summary>
/// <param name="MedianPercent">Half of the workloads were closer.</param>
/// <param name="WorstPercent">The workload that was furthest off.</param>
/// <param name="Workloads">How many workloads were left out in turn.</param>
public sealed record CalibrationError(double MedianPercent, double WorstPercent, int Workloads);
