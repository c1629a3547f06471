using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Ina219;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Parts;
using EdgePrune.Profiler.Tests.Sensors.I2c;

namespace EdgePrune.Profiler.Tests.Sensors.Ina219;

/// <summary>The INA219 and its model against the figures of its data sheet (SBOS448G).</summary>
public sealed class Ina219Tests
{
    [Fact]
    public void The_data_sheets_example_reads_as_it_says()
    {
        // Figure 27 and table 8: 10 A through 2 mΩ at 11.98 V, steps of 1 mA.
        Assert.Equal(20480, Ina219Driver.CalibrationFor(1e-3, 2e-3));
        (Ina219Driver driver, BenchTime time, _) = Part(2e-3, now => new Wave(now) { Amperes = 10, Volts = 11.98 });
        driver.Identify();
        driver.Calibration = 20480;
        time.Advance(0.01);
        Assert.Equal(0x07D0, driver.ReadShunt());
        Ina219BusReading bus = driver.ReadBus();
        Assert.Equal(0x5D98, bus.Register & ~3);
        Assert.Equal(11.98, bus.Volts, 9);
        Assert.Equal(0x2710, driver.ReadCurrent());
        Assert.Equal(0x1766, driver.ReadPower());
        Assert.Equal(10, 0x2710 * Ina219Driver.CurrentStep(20480, 2e-3), 9);
        Assert.Equal(119.8, 0x1766 * Ina219Driver.PowerStep(1e-3), 9);
    }

    [Theory]
    [InlineData(Ina219Gain.Millivolts320, -0.320, 0x8300)]
    [InlineData(Ina219Gain.Millivolts320, 0.320, 0x7D00)]
    [InlineData(Ina219Gain.Millivolts320, 1, 0x7D00)]
    [InlineData(Ina219Gain.Millivolts160, -1, 0xC180)]
    [InlineData(Ina219Gain.Millivolts160, 0.15999, 0x3E7F)]
    [InlineData(Ina219Gain.Millivolts80, -0.08, 0xE0C0)]
    [InlineData(Ina219Gain.Millivolts40, 0.5, 0x0FA0)]
    [InlineData(Ina219Gain.Millivolts40, -0.5, 0xF060)]
    [InlineData(Ina219Gain.Millivolts40, -1e-5, 0xFFFF)]
    public void The_shunt_register_has_a_sign_and_ends_at_the_range(Ina219Gain gain, double volts, int register)
    {
        // Tables of section 8.6.3.1.
        (Ina219Driver driver, BenchTime time, _) = Part(1, now => new Wave(now) { Amperes = volts });
        driver.Settings = new Ina219Settings(Ina219BusRange.Volts32, gain, Ina219Adc.Bits12, Ina219Adc.Bits12, Ina219Mode.Both);
        time.Advance(0.002);
        Assert.Equal((short)register, driver.ReadShunt());
    }

    [Theory]
    [InlineData(0, 84, 9)]
    [InlineData(1, 148, 10)]
    [InlineData(2, 276, 11)]
    [InlineData(3, 532, 12)]
    [InlineData(4, 84, 9)]
    [InlineData(7, 532, 12)]
    [InlineData(8, 532, 12)]
    [InlineData(9, 1064, 12)]
    [InlineData(10, 2128, 12)]
    [InlineData(12, 8512, 12)]
    [InlineData(15, 68_096, 12)]
    public void Each_converter_setting_takes_its_time(int code, double microseconds, int bits)
    {
        // Table 5, which rounds the averages to 1.06 … 68.10 ms.
        var adc = (Ina219Adc)code;
        Assert.Equal(microseconds, adc.Time().Microseconds, 6);
        Assert.Equal(bits, adc.Bits());
        (Ina219Driver driver, BenchTime time, _) = Part(0.1, now => new Wave(now));
        driver.Settings = new Ina219Settings(Ina219BusRange.Volts32, Ina219Gain.Millivolts320, adc, adc, Ina219Mode.BothOnce);
        // A transfer on this bus takes no time worth mentioning.
        time.Advance((2 * microseconds * 1e-6) - 3e-6);
        Assert.False(driver.ReadBus().IsReady);
        time.Advance(3e-6);
        Assert.True(driver.ReadBus().IsReady);
    }

    [Fact]
    public void The_configuration_after_a_reset_is_the_data_sheets()
    {
        Ina219Settings reset = Ina219Settings.FromRegister(Ina219Settings.ResetValue);
        Assert.Equal(new Ina219Settings(Ina219BusRange.Volts32, Ina219Gain.Millivolts320, Ina219Adc.Bits12, Ina219Adc.Bits12, Ina219Mode.Both), reset);
        Assert.Equal(0x399F, reset.ToRegister());
        for (int value = 0; value < 0x4000; value++)
        {
            Assert.Equal(value, Ina219Settings.FromRegister((ushort)value).ToRegister());
        }
    }

    [Fact]
    public void The_flag_falls_when_power_is_read_or_a_mode_is_written_and_at_no_other_time()
    {
        (Ina219Driver driver, BenchTime time, _) = Part(0.1, now => new Wave(now));
        time.Advance(0.0011);
        Assert.True(driver.ReadBus().IsReady);
        driver.ReadShunt();
        driver.ReadCurrent();
        Assert.True(driver.ReadBus().IsReady);
        driver.ReadPower();
        Assert.False(driver.ReadBus().IsReady);
        time.Advance(0.0011);
        Assert.True(driver.ReadBus().IsReady);
        Ina219Settings settings = driver.Settings;
        driver.Settings = settings with { Mode = Ina219Mode.PowerDown };
        Assert.True(driver.ReadBus().IsReady);
        driver.Settings = settings;
        Assert.False(driver.ReadBus().IsReady);
    }

    [Theory]
    [InlineData(Ina219Mode.PowerDown, 0, 0)]
    [InlineData(Ina219Mode.Off, 0, 0)]
    [InlineData(Ina219Mode.ShuntOnce, 10_000, 0)]
    [InlineData(Ina219Mode.BusOnce, 0, 1250)]
    [InlineData(Ina219Mode.BothOnce, 10_000, 1250)]
    [InlineData(Ina219Mode.Shunt, 10_000, 0)]
    [InlineData(Ina219Mode.Bus, 0, 1250)]
    [InlineData(Ina219Mode.Both, 10_000, 1250)]
    public void Each_mode_converts_what_it_says(Ina219Mode mode, int shunt, int bus)
    {
        (Ina219Driver driver, BenchTime time, Ina219Part part) = Part(0.1, now => new Wave(now));
        driver.Settings = driver.Settings with { Mode = mode };
        long before = part.Completed;
        time.Advance(0.02);
        Assert.Equal(shunt, driver.ReadShunt());
        Assert.Equal(bus, driver.ReadBus().Steps);
        long rounds = part.Completed - before;
        Assert.Equal(mode is Ina219Mode.PowerDown or Ina219Mode.Off ? 0 : mode < Ina219Mode.Off ? 1 : mode == Ina219Mode.Both ? 18 : 37, rounds);
    }

    [Fact]
    public void Fewer_bits_make_coarser_steps()
    {
        (Ina219Driver driver, BenchTime time, _) = Part(0.1, now => new Wave(now) { Amperes = 0.1234, Volts = 5.014 });
        driver.Settings = new Ina219Settings(Ina219BusRange.Volts16, Ina219Gain.Millivolts40, Ina219Adc.Bits9, Ina219Adc.Bits9, Ina219Mode.Both);
        time.Advance(0.001);
        Assert.Equal(1232, driver.ReadShunt());
        Assert.Equal(1256, driver.ReadBus().Steps);
    }

    [Fact]
    public void A_calibration_too_fine_for_the_current_raises_the_overflow_flag()
    {
        (Ina219Driver driver, BenchTime time, _) = Part(0.1, now => new Wave(now) { Amperes = 3 });
        driver.Calibration = 0xFFFE;
        time.Advance(0.005);
        Assert.True(driver.ReadBus().HasOverflow);
        driver.Calibration = 4096;
        time.Advance(0.005);
        Assert.False(driver.ReadBus().HasOverflow);
        Assert.Equal(driver.ReadShunt(), driver.ReadCurrent());
    }

    [Theory]
    [InlineData(0.39, 0.1, Ina219Gain.Millivolts40)]
    [InlineData(0.8, 0.1, Ina219Gain.Millivolts80)]
    [InlineData(1.5, 0.1, Ina219Gain.Millivolts160)]
    [InlineData(1.5, 0.01, Ina219Gain.Millivolts40)]
    [InlineData(3.2, 0.1, Ina219Gain.Millivolts320)]
    [InlineData(null, 0.1, Ina219Gain.Millivolts320)]
    public void The_smallest_range_that_holds_the_current_is_chosen(double? amperes, double ohms, Ina219Gain gain)
    {
        var bench = new I2cBench("ina219", ohms, now => new Wave(now));
        Assert.Equal(gain, Ina219Family.Choose(bench.Entry with { MaxAmperes = amperes }, ohms, 400_000, out _).Gain);
    }

    [Theory]
    [InlineData(400_000, Ina219Adc.Samples1)]
    [InlineData(100_000, Ina219Adc.Samples4)]
    public void What_the_file_leaves_open_follows_the_bus(int hertz, Ina219Adc shunt)
    {
        var bench = new I2cBench("ina219", 0.1, now => new Wave(now));
        Ina219Settings settings = Ina219Family.Choose(bench.Entry, 0.1, hertz, out ReadPlan plan);
        Assert.Equal(shunt, settings.ShuntAdc);
        Assert.Equal(12, settings.BusAdc.Bits());
        Assert.NotEqual(Ina219Settings.ResetValue, settings.ToRegister());
        Assert.True(plan.IsComfortable);
    }

    private static (Ina219Driver Driver, BenchTime Time, Ina219Part Part) Part(double ohms, Func<Func<double>, ISupplyLine> line)
    {
        var time = new BenchTime();
        var part = new Ina219Part(line(() => time.Now), ohms);
        var bus = new SimulatedI2cBus("i2c-1", 1_000_000_000, time.Spend);
        bus.Add(0x40, part);
        return (new Ina219Driver(new I2cRegisters(bus, 0x40, "INA219", time)), time, part);
    }
}
