using EdgePrune.Profiler.Sensors.Perf.Calibration;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>calibrate</c>. Errors are those of dynamic power, for workloads that the model had not seen.</summary>
internal sealed record CalibrateDocument(
    string Device,
    string Processor,
    string? Governor,
    string Sensor,
    string SensorProvenance,
    double IdleW,
    IReadOnlyList<CalibrateCoefficient> Coefficients,
    double MedianErrorPct,
    double WorstErrorPct,
    double Condition,
    int Capacity,
    IReadOnlyList<string> Candidates,
    int Rounds,
    int RepeatedWindows,
    IReadOnlyList<CalibrateWorkload> Workloads,
    string File)
{
    public static CalibrateDocument Of(CalibrationRun run, string path)
    {
        CounterCalibration made = run.Calibration;
        return new CalibrateDocument(
            made.Device,
            made.Processor,
            made.Governor,
            made.Sensor,
            made.SensorProvenance,
            made.IdleWatts,
            [.. made.Coefficients.Select(c => new CalibrateCoefficient(c.Event, c.Picojoules))],
            made.Error.MedianPercent,
            made.Error.WorstPercent,
            made.Condition,
            run.Capacity,
            run.Candidates,
            run.Rounds,
            run.Repeated,
            [.. made.Points.Select(p => new CalibrateWorkload(p.Workload, p.DynamicWatts, p.HeldOutWatts))],
            path);
    }
}

/// <summary>Energy of one count; of a nanosecond for task-clock.</summary>
internal sealed record CalibrateCoefficient(string Event, double Pj);

/// <summary>Power above idle of a workload, and what a model without it predicts.</summary>
internal sealed record CalibrateWorkload(string Name, double DynamicW, double HeldOutW);
