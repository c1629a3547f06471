using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Sensors.Ina3221;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Parts;
using EdgePrune.Profiler.Tests.Sensors.I2c;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Ina3221;

/// <summary>The INA3221 and its model against the figures of its data sheet (SBOS576B).</summary>
public sealed class Ina3221Tests
{
    [Fact]
    public void The_data_sheets_figures_read_as_they_say()
    {
        // Section 8.6.2.2: −80 mV reads 0xC180; section 8.6.2.3: 32.76 V is the full scale 0x7FF8.
        (Ina3221Driver driver, BenchTime time, _) = Part(1, now => new Wave(now) { Amperes = -0.08, Volts = 40 });
        time.Advance(0.01);
        Assert.Equal(0xC180, driver.Registers.Read(Ina3221Register.Shunt(1)));
        Assert.Equal(-2000, driver.ReadShunt(1));
        Assert.Equal(0x7FF8, driver.Registers.Read(Ina3221Register.Bus(3)));
        Assert.Equal(32.76, driver.ReadBus(3) * Ina3221Driver.BusStepVolts, 9);
    }

    [Fact]
    public void After_a_reset_all_channels_convert()
    {
        (Ina3221Driver driver, BenchTime time, Ina3221Part part) = Part(0.01, now => new Wave(now));
        driver.Identify();
        Assert.Equal(new Ina3221Settings(Ina3221Channels.All, 1, Ina226Time.Microseconds1100, Ina226Time.Microseconds1100, Ina226Mode.Both), driver.Settings);
        long before = part.Completed;
        time.Advance(6.7e-3);
        Assert.Equal(Ina3221MaskEnable.ConversionReady, driver.ReadFlags());
        Assert.Equal(1, part.Completed - before);
        Assert.Equal(250, driver.ReadShunt(2));
        Assert.Equal(625, driver.ReadBus(2));
    }

    [Fact]
    public void The_running_average_moves_by_a_part_of_the_difference()
    {
        double amperes = 1;
        (Ina3221Driver driver, BenchTime time, _) = Part(0.1, now => new Step(now, () => amperes));
        var settings = new Ina3221Settings(Ina3221Channels.First, 4, Ina226Time.Microseconds140, Ina226Time.Microseconds140, Ina226Mode.Both);
        driver.Settings = settings;
        time.Advance(281e-6);
        Assert.Equal(2500, driver.ReadShunt(1));
        amperes = 0.6;
        time.Advance(280e-6);
        Assert.Equal(2250, driver.ReadShunt(1));
        time.Advance(280e-6);
        Assert.Equal(2063, driver.ReadShunt(1));
        driver.Settings = settings;
        time.Advance(281e-6);
        Assert.Equal(1500, driver.ReadShunt(1));
    }

    [Fact]
    public void Only_the_channels_that_a_file_names_convert()
    {
        var bench = new I2cBench("ina3221", 0.01, now => new Wave(now) { Amperes = 2 });
        bench.Entry = bench.Entry with
        {
            Rails = [new RailEntry("gpu", null, 3, 0.01, RailRole.Part), new RailEntry("cpu", null, 1, 0.02, RailRole.Part)],
        };
        using IPowerSource source = bench.Open();
        PowerWindow window = bench.Window(source, 0.5);
        Assert.Null(window.Invalid);
        Assert.Equal(["gpu", "cpu"], source.Rails.Select(r => r.Name));
        // The shunt of the file is twice that of the board: half the power. The driver cannot know.
        Assert.Equal(10, window.Energy[0].Value / window.Duration.Value, 0.1);
        Assert.Equal(5, window.Energy[1].Value / window.Duration.Value, 0.1);
        Assert.Equal((Ina3221Channels)5, Ina3221Settings.FromRegister(Configuration(bench)).Channels);
    }

    [Fact]
    public void Limits_and_sums_are_where_the_data_sheet_has_them()
    {
        (Ina3221Driver driver, BenchTime time, _) = Part(0.1, now => new Wave(now));
        driver.WriteLimits(2, warning: 100, critical: 200);
        Assert.Equal(800, driver.Registers.Read(0x0A));
        Assert.Equal(1600, driver.Registers.Read(0x09));
        driver.WritePowerValid(lower: 1125, upper: 1250);
        Assert.Equal(0x2328, driver.Registers.Read(0x11));
        Assert.Equal(0x2710, driver.Registers.Read(0x10));
        driver.WriteMask(Ina3221MaskEnable.Sum1 | Ina3221MaskEnable.Sum3);
        time.Advance(0.02);
        Assert.Equal(5000, driver.ReadShuntSum());
    }

    [Theory]
    [InlineData(400_000, 3, Ina226Time.Microseconds332)]
    [InlineData(400_000, 1, Ina226Time.Microseconds588)]
    [InlineData(1_000_000, 3, Ina226Time.Microseconds204)]
    public void What_the_file_leaves_open_follows_the_bus_and_the_channels(int hertz, int rails, Ina226Time shunt)
    {
        var bench = new I2cBench("ina3221", 0.01, now => new Wave(now));
        PowerSourceEntry entry = bench.Entry with { Rails = [.. bench.Entry.Rails.Take(rails)] };
        Ina3221Settings settings = Ina3221Family.Choose(entry, Ina3221Family.Rails(entry), hertz, out ReadPlan plan);
        Assert.True(plan.IsComfortable);
        Assert.Equal(shunt, settings.ShuntTime);
    }

    private static ushort Configuration(I2cBench bench)
    {
        byte[] value = new byte[2];
        bench.Part.Write([0]);
        bench.Part.Read(value);
        return (ushort)((value[0] << 8) | value[1]);
    }

    private static (Ina3221Driver Driver, BenchTime Time, Ina3221Part Part) Part(double ohms, Func<Func<double>, ISupplyLine> line)
    {
        var time = new BenchTime();
        ISupplyLine supply = line(() => time.Now);
        var part = new Ina3221Part([supply, supply, supply], [ohms, ohms, ohms]);
        var bus = new SimulatedI2cBus("i2c-1", 1_000_000_000, time.Spend);
        bus.Add(0x40, part);
        return (new Ina3221Driver(new I2cRegisters(bus, 0x40, "INA3221", time)), time, part);
    }

    private sealed class Step(Func<double> now, Func<double> amperes) : ISupplyLine
    {
        public Seconds Now => new(now());

        public double MeanAmperes(Seconds from, Seconds to) => amperes();

        public double MeanVolts(Seconds from, Seconds to) => 5;
    }
}
