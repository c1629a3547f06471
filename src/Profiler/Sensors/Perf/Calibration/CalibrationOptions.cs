using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>How long a calibration takes.</summary>
public sealed record CalibrationOptions
{
    /// <summary>Time to spend; one round over all workloads is always done, however long it takes.</summary>
    public Seconds Budget { get; init; } = new(180);

    /// <summary>Length of a window where the sensor allows; at least 20 conversions of the sensor.</summary>
    public Seconds Window { get; init; } = new(1);

    /// <summary>Seed of the order.</summary>
    public int Seed { get; init; }
}
