namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>One workload of a calibration.</summary>
/// <param name="Workload">Its name.</param>
/// <param name="DynamicWatts">Power above idle as the sensor saw it.</param>
/// <param name="HeldOutWatts">The same, predicted by a model that was made without this workload and its relatives.</param>
public sealed record CalibrationPoint(string Workload, double DynamicWatts, double HeldOutWatts);
