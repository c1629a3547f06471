using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Sampling;

namespace EdgePrune.Profiler.Sensors;

/// <summary>The machine as sensor code reaches it; tests and simulated boards put their own in place.</summary>
public sealed record PowerSourceContext
{
    public required TimeProvider Clock { get; init; }

    /// <summary>Asks sampled sensors in time.</summary>
    public required IPollScheduler Scheduler { get; init; }

    /// <summary>Opens bus n. Throws a <see cref="SensorException"/> that names it and what to do.</summary>
    public required Func<int, II2cBus> OpenBus { get; init; }

    /// <summary>Folder that stands for the root of the file system, with /sys and /proc in it.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The <c>vcgencmd</c> program to run, by path or by name.</summary>
    public string VcGenCmd { get; init; } = "vcgencmd";

    /// <summary>True where what is read is simulated: every figure is then marked so.</summary>
    public string? SimulatedBoard { get; init; }
}
