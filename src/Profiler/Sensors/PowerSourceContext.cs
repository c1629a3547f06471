using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

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

    /// <summary>This machine, with its own clock, buses and file system.</summary>
    public static PowerSourceContext ForThisMachine(TimeProvider clock) => new()
    {
        Clock = clock,
        Scheduler = new ThreadPollScheduler(clock),
        OpenBus = I2cBuses.Open,
    };

    /// <summary>Measured by a part, or simulated.</summary>
    public Provenance ProvenanceOf(string sensor) =>
        SimulatedBoard is { } board ? Provenance.Simulated($"{sensor} of {board}") : Provenance.Measured(sensor);

    /// <summary>A path of the machine's file system, for example <c>sys/class/hwmon</c>.</summary>
    public string PathOf(string relative) => Path.Combine(Root, relative);
}
