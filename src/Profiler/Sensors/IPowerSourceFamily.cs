using EdgePrune.Profiler.Devices;

namespace EdgePrune.Profiler.Sensors;

/// <summary>One way to read power: opens the sources that a device file names and looks for those that it does not.</summary>
public interface IPowerSourceFamily
{
    /// <summary>The word in device files: ina219, hwmon, rapl…</summary>
    string Kind { get; }

    /// <exception cref="SensorException">It is not there, is another part, or may not be read; the message says what to do.</exception>
    IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context);

    /// <summary>What of this family the machine has, usable or not. Never throws for what is missing and changes no state of a part.</summary>
    IEnumerable<DiscoveredSource> Discover(PowerSourceContext context);
}
