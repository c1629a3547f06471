using System.Globalization;
using EdgePrune.Profiler.Sensors.Sysfs;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Iio;

/// <summary>Finds the power channels of IIO devices, by label where they have one.</summary>
internal static class IioDevices
{
    private static readonly string[] Drivers = ["ina3221x", "ina3221"];
    private const double MilliWatt = 1e-3; // the unit of IIO, Documentation/ABI/testing/sysfs-bus-iio
    private const int MostChannels = 8;

    // NVIDIA's driver does not say its rate; it converts on its own with up to 512 averages.
    private static readonly ChannelTiming JetsonTiming = ChannelTiming.Unknown(poll: 10e-3, staleness: 0.43);

    // ina2xx-adc: both readings at 1.1 ms, the driver's default.
    private const double DefaultPeriod = 2.2e-3;

    public static IEnumerable<IReadOnlyList<SysfsChannel>> Find(PowerSourceContext context)
    {
        // Nano, TX2 and the Xaviers under JetPack 4: …/ina3221x/6-0040/iio:device0, or iio_device.
        foreach (string device in Drivers.SelectMany(d => KernelFolder.Folders(context.PathOf($"sys/bus/i2c/drivers/{d}"))))
        {
            foreach (string folder in KernelFolder.Folders(device, "iio*device*"))
            {
                SysfsChannel[] channels = [.. Enumerable.Range(0, MostChannels).SelectMany(n => Jetson(folder, Path.GetFileName(device), n))];
                if (channels.Length > 0)
                {
                    yield return channels;
                }
            }
        }

        foreach (string folder in KernelFolder.Folders(context.PathOf("sys/bus/iio/devices"), "iio:device*"))
        {
            // The same devices again, without their bus and address.
            if (!File.Exists(Path.Combine(folder, "rail_name_0")) && KernelFile.Text(Path.Combine(folder, "name")) is { } name)
            {
                yield return [.. Enumerable.Range(0, MostChannels).SelectMany(n => Scaled(folder, name, n))];
            }
        }
    }

    private static IEnumerable<SysfsChannel> Jetson(string folder, string place, int n)
    {
        string power = Path.Combine(folder, $"in_power{n}_input");
        if (KernelFile.Text(Path.Combine(folder, $"rail_name_{n}")) is not { } label || label == "NC")
        {
            yield break;
        }

        KernelFault fault = KernelFile.Probe(power);
        yield return new SysfsChannel
        {
            Chip = "ina3221x",
            Place = place,
            Number = n + 1,
            Label = label,
            Path = power,
            Scale = MilliWatt,
            Timing = JetsonTiming,
            Resolution = new Watts(MilliWatt),
            Problem = fault == KernelFault.None ? null : KernelFile.Describe(power, fault),
            Fix = fault == KernelFault.Denied ? $"Let this user read it: sudo chmod a+r {power} (until the next boot), or run as root" : null,
        };
    }

    private static IEnumerable<SysfsChannel> Scaled(string folder, string name, int n)
    {
        string raw = Path.Combine(folder, $"in_power{n}_raw");
        string? text = KernelFile.Text(Path.Combine(folder, $"in_power{n}_scale"));
        if (!File.Exists(raw) || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double scale) || !(scale > 0 && scale < 1e6))
        {
            yield break;
        }

        double period = Frequency(folder) is { } hertz ? 1 / hertz : DefaultPeriod;
        KernelFault fault = KernelFile.Probe(raw);
        yield return new SysfsChannel
        {
            Chip = name,
            Place = KernelFile.Text(Path.Combine(folder, "label")) ?? Path.GetFileName(folder),
            Number = n,
            Path = raw,
            Scale = scale * MilliWatt,
            Timing = ChannelTiming.Of(period, period),
            Resolution = new Watts(scale * MilliWatt),
            Problem = fault == KernelFault.None ? null : KernelFile.Describe(raw, fault),
            Fix = fault == KernelFault.Busy ? "Switch its buffer off: another program records from it" : null,
        };
    }

    private static double? Frequency(string folder) =>
        double.TryParse(KernelFile.Text(Path.Combine(folder, "in_sampling_frequency")) ?? KernelFile.Text(Path.Combine(folder, "sampling_frequency")), NumberStyles.Float, CultureInfo.InvariantCulture, out double hertz)
        && hertz is > 0.01 and < 1e5
            ? hertz
            : null;
}
