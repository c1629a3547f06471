using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Hwmon;
using EdgePrune.Profiler.Sensors.Iio;
using EdgePrune.Profiler.Sensors.Ina219;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Sensors.Ina3221;
#if DEVICE_PACKAGES
using EdgePrune.Profiler.Sensors.Packages;
#endif
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Sensors.Pmic;
using EdgePrune.Profiler.Sensors.Rapl;
using EdgePrune.Profiler.Sensors.Replay;
using EdgePrune.Profiler.Sensors.Simulated;

namespace EdgePrune.Profiler.Sensors;

/// <summary>All families of power sources that this build has.</summary>
public static class PowerSources
{
    /// <summary>In the order in which they are preferred where a device file leaves the choice open.</summary>
    public static IReadOnlyList<IPowerSourceFamily> Families { get; } =
    [
        new Ina219Family(),
        new Ina226Family(),
        new Ina3221Family(),
        new HwmonFamily(),
        new IioFamily(),
        new PmicFamily(),
        new RaplFamily(),
#if DEVICE_PACKAGES
        new HardwareMonitorFamily(),
#endif
        new ReplayFamily(),
        new PerfFamily(),
        new SimulatedFamily(),
    ];

    /// <summary>Opens the first source of a device that reads hardware, in the file's order.</summary>
    /// <returns>Null where the device has none but the modelled source.</returns>
    /// <exception cref="SensorException">The first such source cannot be used. It is not passed over for a worse one silently.</exception>
    public static IPowerSource? Open(Device device, PowerSourceContext context)
    {
        return Chosen(device) is { } entry ? Open(entry, context) : null;
    }

    /// <summary>The source that <see cref="Open(Device, PowerSourceContext)"/> opens; null where energy is modelled.</summary>
    public static PowerSourceEntry? Chosen(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Sources.FirstOrDefault(s => s.Kind != PowerSourceEntry.Modelled);
    }

    /// <exception cref="SensorException">It cannot be used, or this build has no such family.</exception>
    public static IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        IPowerSourceFamily family = Families.FirstOrDefault(f => f.Kind == entry.Kind)
            ?? throw new SensorException($"power source '{entry.Kind}' is not in this build (edgeprune doctor says why)");
        return family.Open(entry, context);
    }
}
