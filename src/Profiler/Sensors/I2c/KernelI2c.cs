using System.Buffers.Binary;
using System.Globalization;
using EdgePrune.Profiler.Devices;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>What sysfs tells about a bus (Documentation/ABI/testing/sysfs-bus-i2c). Nothing here touches the bus.</summary>
internal static class KernelI2c
{
    private const int LongestName = 256;
    private const int FastestHertz = 5_000_000;

    /// <summary>The kernel driver that holds an address, or null.</summary>
    public static string? Driver(string root, int bus, int address)
    {
        string link = Path.Combine(Devices(root), string.Create(CultureInfo.InvariantCulture, $"{bus}-{address:x4}"), "driver");
        try
        {
            FileSystemInfo? target = Directory.ResolveLinkTarget(link, returnFinalTarget: false);
            return target is not null ? target.Name : Directory.Exists(link) ? "of the kernel" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="SensorException">A kernel driver holds the address.</exception>
    public static void RefuseBound(string root, int bus, int address, string part)
    {
        if (Driver(root, bus, address) is { } driver)
        {
            throw new SensorException(string.Create(
                CultureInfo.InvariantCulture,
                $"{part} at i2c-{bus} 0x{address:X2}: the kernel driver {driver} holds this address, two masters would read each other's registers: use 'source: hwmon', or unbind it (echo {bus}-{address:x4} | sudo tee /sys/bus/i2c/drivers/{driver}/unbind)"));
        }
    }

    /// <summary>The clock of a bus: what the device file says, what the device tree says, or the standard 100 kHz.</summary>
    public static int Hertz(string root, int bus, PowerSourceEntry entry)
    {
        if (entry.BusHertz is { } given)
        {
            return given is > 0 and <= FastestHertz
                ? given
                : throw new Onnx.InputException($"source {entry.Kind}: bus_hz {given} is outside 1 to {FastestHertz}");
        }

        string property = Path.Combine(Devices(root), $"i2c-{bus}", "of_node", "clock-frequency");
        try
        {
            using FileStream file = File.OpenRead(property);
            Span<byte> cell = stackalloc byte[4];
            int hertz = file.ReadAtLeast(cell, 4, throwOnEndOfStream: false) == 4 ? BinaryPrimitives.ReadInt32BigEndian(cell) : 0;
            return hertz is > 0 and <= FastestHertz ? hertz : I2cEntry.DefaultHertz;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return I2cEntry.DefaultHertz;
        }
    }

    /// <summary>Numbers of the buses that have a device file, in order.</summary>
    public static IReadOnlyList<int> Buses(string root)
    {
        string folder = Path.Combine(root, "dev");
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder, "i2c-*")
                .Select(path => Path.GetFileName(path)["i2c-".Length..])
                .Where(name => name.Length < 6 && name.All(char.IsAsciiDigit) && name.Length > 0)
                .Select(name => int.Parse(name, CultureInfo.InvariantCulture))
                .Order()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The adapter's own name, for example "bcm2835 (i2c@7e804000)"; empty where it has none.</summary>
    public static string AdapterName(string root, int bus)
    {
        try
        {
            using StreamReader file = File.OpenText(Path.Combine(Devices(root), $"i2c-{bus}", "name"));
            Span<char> name = stackalloc char[LongestName];
            return name[..file.ReadBlock(name)].Trim().ToString();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static string Devices(string root) => Path.Combine(root, "sys", "bus", "i2c", "devices");
}
