namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>One workload as sensor and counters saw it, idle subtracted from both.</summary>
/// <param name="Workload">Its name. Names that are equal up to an '@' are relatives and are left out together.</param>
/// <param name="DynamicWatts">Power above idle.</param>
/// <param name="Rates">Counts a second above idle, one a candidate event.</param>
public sealed record CounterObservation(string Workload, double DynamicWatts, double[] Rates)
{
    /// <summary>What is left out together: a workload at part of its duty has the same mix of counts as the whole.</summary>
    public string Relatives => Workload.Split('@', 2)[0];
}
