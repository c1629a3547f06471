using System.Diagnostics;
using System.Globalization;

namespace EdgePrune.DeviceVm.Kernel;

/// <summary>A part on the bus that one of the kernel's own drivers has been bound to; disposing unbinds it.</summary>
internal sealed class HwmonDevice : IDisposable
{
    private readonly I2cBus bus;
    private readonly int address;

    private HwmonDevice(I2cBus bus, int address, string folder)
    {
        this.bus = bus;
        this.address = address;
        Folder = folder;
    }

    /// <summary>The hwmon folder that the driver made.</summary>
    public string Folder { get; }

    /// <param name="type">The name by which the driver knows the part, for example ina219.</param>
    public static HwmonDevice Bind(I2cBus bus, int address, string type)
    {
        File.WriteAllText(bus.Folder + "/new_device", string.Create(CultureInfo.InvariantCulture, $"{type} 0x{address:x2}"));
        string parent = string.Create(CultureInfo.InvariantCulture, $"/sys/bus/i2c/devices/{bus.Number}-{address:x4}/hwmon");
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < TimeSpan.FromSeconds(5))
        {
            if (Directory.Exists(parent) && Directory.EnumerateDirectories(parent, "hwmon*").FirstOrDefault() is { } folder)
            {
                return new HwmonDevice(bus, address, folder);
            }

            Thread.Sleep(20);
        }

        throw new IOException($"the kernel's driver took no {type} at i2c-{bus.Number} 0x{address:x2}");
    }

    /// <summary>The integer in one of the driver's files.</summary>
    /// <exception cref="IOException">The driver could not read the part; the message holds the errno's words.</exception>
    public long Read(string name) =>
        long.Parse(File.ReadAllText(Path.Combine(Folder, name)), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    public void Write(string name, long value) =>
        File.WriteAllText(Path.Combine(Folder, name), value.ToString(CultureInfo.InvariantCulture));

    public void Dispose() =>
        File.WriteAllText(bus.Folder + "/delete_device", string.Create(CultureInfo.InvariantCulture, $"0x{address:x2}"));
}
