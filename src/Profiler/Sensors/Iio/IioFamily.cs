using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Hwmon;
using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Iio;

/// <summary>Power through the kernel's industrial I/O: NVIDIA's ina3221x driver of JetPack 4, and ina2xx-adc of mainline kernels.</summary>
public sealed class IioFamily : IPowerSourceFamily
{
    public string Kind => "iio";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        return SysfsSource.Open([.. IioDevices.Find(context).SelectMany(d => d)], entry, context);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<SysfsChannel>[] devices = [.. IioDevices.Find(context).Where(d => d.Count > 0)];
        SysfsChannel[] jetson = [.. devices.Where(IsJetson).SelectMany(d => d)];
        foreach (IReadOnlyList<SysfsChannel> channels in devices.Where(d => !IsJetson(d)).Prepend(jetson).Where(d => d.Count > 0))
        {
            IReadOnlyList<RailRole> roles = JetsonRails.Roles(channels);
            RailEntry[] rails = [.. channels.Select((c, i) => new RailEntry(c.RailName, c.Label, c.Label is null ? c.Number : null, null, roles[i]))];
            yield return SysfsSource.Describe(Kind, channels, new PowerSourceEntry(Kind, null, null, rails) { Path = channels[0].Chip });
        }
    }

    private static bool IsJetson(IReadOnlyList<SysfsChannel> channels) => channels.Any(c => JetsonRails.Knows(c.Label));
}
