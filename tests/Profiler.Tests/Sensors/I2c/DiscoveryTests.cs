using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Simulation;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

/// <summary>What is found on the buses of a machine, and what is left alone.</summary>
public sealed class DiscoveryTests
{
    [Theory]
    [InlineData("ina219")]
    [InlineData("ina226")]
    [InlineData("ina3221")]
    public void A_part_is_found_by_its_own_family_only_and_nothing_is_written(string kind)
    {
        using var root = new TempFolder();
        AddBus(root, 1, "bcm2835 (i2c@7e804000)");
        var bench = new I2cBench(kind, 0.01, now => new Wave(now));
        var watched = new WatchedBus(bench.Bus);
        PowerSourceContext context = bench.Context with { Root = root.Path, OpenBus = _ => watched };
        DiscoveredSource found = Assert.Single(All(context), f => f.Entry.Bus is not null);
        Assert.Equal($"{kind.ToUpperInvariant()} at i2c-1 0x40", found.Name);
        Assert.Equal((kind, 1, 0x40), (found.Entry.Kind, found.Entry.Bus, found.Entry.Address));
        Assert.Contains("shunt_ohm", found.Fix, StringComparison.Ordinal);
        Assert.Equal(0, watched.LongWrites);
    }

    [Theory]
    [InlineData("SMBus I801 adapter at efa0")]
    [InlineData("AMDGPU DM aux hw bus 0")]
    [InlineData("i915 gmbus dpb")]
    public void Buses_of_monitors_and_of_the_mainboard_are_left_alone(string adapter)
    {
        using var root = new TempFolder();
        AddBus(root, 3, adapter);
        var bench = new I2cBench("ina219", 0.01, now => new Wave(now));
        Assert.DoesNotContain(All(bench.Context with { Root = root.Path, OpenBus = _ => throw new InvalidOperationException("opened") }), f => f.Entry.Bus is not null);
    }

    [Fact]
    public void An_address_that_a_kernel_driver_holds_is_left_alone_and_refused()
    {
        using var root = new TempFolder();
        AddBus(root, 1, "bcm2835");
        string device = Path.Combine(root.Path, "sys/bus/i2c/devices/1-0040");
        Directory.CreateDirectory(device);
        Directory.CreateDirectory(Path.Combine(root.Path, "sys/bus/i2c/drivers/ina2xx"));
        Directory.CreateSymbolicLink(Path.Combine(device, "driver"), "../../drivers/ina2xx");
        var bench = new I2cBench("ina219", 0.01, now => new Wave(now));
        bench.Context = bench.Context with { Root = root.Path };
        Assert.DoesNotContain(All(bench.Context), f => f.Entry.Address == 0x40);
        long before = bench.Bus.Transfers;
        SensorException error = Assert.Throws<SensorException>(bench.Open);
        Assert.Contains("ina2xx", error.Message, StringComparison.Ordinal);
        Assert.Contains("hwmon", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, bench.Bus.Transfers);
    }

    [Fact]
    public void A_bus_that_may_not_be_opened_is_told_once_with_what_to_do()
    {
        using var root = new TempFolder();
        AddBus(root, 1, "bcm2835");
        var bench = new I2cBench("ina219", 0.01, now => new Wave(now));
        PowerSourceContext context = bench.Context with
        {
            Root = root.Path,
            OpenBus = _ => throw new SensorException(I2cErrors.CannotOpen("/dev/i2c-1", I2cErrors.AccessDenied)),
        };
        DiscoveredSource told = Assert.Single(All(context), f => f.Entry.Bus is not null);
        Assert.False(told.IsUsable);
        Assert.Contains("usermod", told.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bus_that_hangs_is_given_up_at_the_first_timeout()
    {
        using var root = new TempFolder();
        AddBus(root, 1, "bcm2835");
        var bench = new I2cBench("ina219", 0.01, now => new Wave(now));
        bench.Bus.Fault = I2cFaultKind.Stall;
        Assert.DoesNotContain(All(bench.Context with { Root = root.Path }), f => f.Entry.Bus is not null);
        Assert.InRange(bench.Bus.Transfers, 1, 3);
    }

    [Fact]
    public void The_clock_of_a_bus_is_read_from_the_device_tree()
    {
        using var root = new TempFolder();
        AddBus(root, 1, "bcm2835");
        string node = Path.Combine(root.Path, "sys/bus/i2c/devices/i2c-1/of_node");
        Directory.CreateDirectory(node);
        File.WriteAllBytes(Path.Combine(node, "clock-frequency"), [0x00, 0x06, 0x1A, 0x80]);
        var bench = new I2cBench("ina219", 0.01, now => new Wave(now));
        Assert.Equal(400_000, KernelI2c.Hertz(root.Path, 1, bench.Entry with { BusHertz = null }));
        Assert.Equal(100_000, KernelI2c.Hertz(root.Path, 2, bench.Entry with { BusHertz = null }));
        Assert.Equal(50_000, KernelI2c.Hertz(root.Path, 1, bench.Entry with { BusHertz = 50_000 }));
        File.WriteAllBytes(Path.Combine(node, "clock-frequency"), [0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.Equal(100_000, KernelI2c.Hertz(root.Path, 1, bench.Entry with { BusHertz = null }));
    }

    private static IEnumerable<DiscoveredSource> All(PowerSourceContext context) =>
        PowerSources.Families.Where(f => f.Kind.StartsWith("ina", StringComparison.Ordinal)).SelectMany(f => f.Discover(context));

    private static void AddBus(TempFolder root, int number, string adapter)
    {
        Directory.CreateDirectory(Path.Combine(root.Path, "dev"));
        File.WriteAllText(Path.Combine(root.Path, "dev", $"i2c-{number}"), "");
        string device = Path.Combine(root.Path, "sys/bus/i2c/devices", $"i2c-{number}");
        Directory.CreateDirectory(device);
        File.WriteAllText(Path.Combine(device, "name"), adapter + "\n");
    }

    private sealed class WatchedBus(II2cBus bus) : II2cBus
    {
        public int LongWrites { get; private set; }

        public string Name => bus.Name;

        public void Write(int address, ReadOnlySpan<byte> data)
        {
            LongWrites++;
            bus.Write(address, data);
        }

        public void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read)
        {
            LongWrites += write.Length > 1 ? 1 : 0;
            bus.WriteRead(address, write, read);
        }

        public void Dispose()
        {
        }
    }
}
