using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Parts;
using EdgePrune.Profiler.Tests.Sensors.I2c;

namespace EdgePrune.Profiler.Tests.Sensors.Ina226;

/// <summary>The INA226 and its model against the figures of its data sheet (SBOS547A).</summary>
public sealed class Ina226Tests
{
    [Fact]
    public void The_data_sheets_example_reads_as_it_says()
    {
        // Section 6.5.1, table 1: 10 A through 2 mΩ at 11.98 V, steps of 1 mA.
        Assert.Equal(2560, Ina226Driver.CalibrationFor(1e-3, 2e-3));
        (Ina226Driver driver, BenchTime time, _) = Part(2e-3, now => new Wave(now) { Amperes = 10, Volts = 11.98 });
        driver.Identify();
        driver.Calibration = 2560;
        time.Advance(0.01);
        Assert.Equal(0x1F40, driver.ReadShunt());
        Assert.Equal(0x2570, driver.ReadBus());
        Assert.Equal(0x2710, driver.ReadCurrent());
        Assert.Equal(0x12B8, driver.ReadPower());
        Assert.Equal(119.8, 0x12B8 * Ina226Driver.PowerStep(1e-3), 9);
        Assert.Equal(10, 0x2710 * Ina226Driver.CurrentStep(2560, 2e-3), 9);
    }

    [Theory]
    [InlineData(-0.080, 0x8300)]
    [InlineData(0.080, 0x7D00)]
    [InlineData(1, 0x7FFF)]
    [InlineData(-1, 0x8000)]
    public void The_shunt_register_has_a_sign_and_ends_at_the_range(double volts, int register)
    {
        // Section 7.6.2.
        (Ina226Driver driver, BenchTime time, _) = Part(1, now => new Wave(now) { Amperes = volts });
        time.Advance(0.003);
        Assert.Equal((short)register, driver.ReadShunt());
    }

    [Theory]
    [InlineData(0, 140)]
    [InlineData(1, 204)]
    [InlineData(2, 332)]
    [InlineData(3, 588)]
    [InlineData(4, 1100)]
    [InlineData(5, 2116)]
    [InlineData(6, 4156)]
    [InlineData(7, 8244)]
    public void Each_time_and_average_takes_its_time(int code, double microseconds)
    {
        foreach (int averages in new[] { 1, 4, 16, 64, 128, 256, 512, 1024 })
        {
            var settings = new Ina226Settings(averages, (Ina226Time)code, Ina226Time.Microseconds140, Ina226Mode.BothOnce);
            Assert.Equal(settings, Ina226Settings.FromRegister(settings.ToRegister()));
            double round = averages * (microseconds + 140) * 1e-6;
            Assert.Equal(round, settings.Period.Value, 9);
            (Ina226Driver driver, BenchTime time, _) = Part(0.01, now => new Wave(now));
            driver.Settings = settings;
            time.Advance(round - 3e-6);
            Assert.Equal(Ina226MaskEnable.None, driver.ReadFlags());
            time.Advance(3e-6);
            Assert.Equal(Ina226MaskEnable.ConversionReady, driver.ReadFlags());
            Assert.Equal(4000, driver.ReadShunt());
        }
    }

    [Fact]
    public void The_flag_falls_when_the_mask_is_read_or_a_mode_is_written()
    {
        (Ina226Driver driver, BenchTime time, _) = Part(0.01, now => new Wave(now));
        time.Advance(0.003);
        driver.ReadShunt();
        driver.ReadBus();
        driver.ReadPower();
        Assert.Equal(Ina226MaskEnable.ConversionReady, driver.ReadFlags());
        Assert.Equal(Ina226MaskEnable.None, driver.ReadFlags());
        time.Advance(0.003);
        driver.Settings = driver.Settings;
        Assert.Equal(Ina226MaskEnable.None, driver.ReadFlags());
    }

    [Fact]
    public void An_average_is_that_of_its_conversions()
    {
        // The supply swings once in a round: the mean of the conversions is its level.
        (Ina226Driver driver, BenchTime time, _) = Part(0.01, now => new Wave(now) { Amplitude = 0.5, Hertz = 1 / (1024 * 280e-6) });
        driver.Settings = new Ina226Settings(1024, Ina226Time.Microseconds140, Ina226Time.Microseconds140, Ina226Mode.Both);
        time.Advance(0.3);
        Assert.InRange(driver.ReadShunt(), 3990, 4010);
    }

    [Fact]
    public void Other_registers_keep_what_they_are_given()
    {
        (Ina226Driver driver, _, _) = Part(0.01, now => new Wave(now));
        driver.AlertLimit = 0x1234;
        driver.WriteMask(Ina226MaskEnable.AlertOnReady | Ina226MaskEnable.LatchAlert);
        Assert.Equal(0x1234, driver.AlertLimit);
        Assert.Equal(Ina226MaskEnable.AlertOnReady | Ina226MaskEnable.LatchAlert, driver.ReadFlags());
        Assert.Equal(0x4127, driver.Settings.ToRegister());
        driver.Calibration = 0xFFFF;
        Assert.Equal(0x7FFF, driver.Calibration);
    }

    [Theory]
    [InlineData(400_000, Ina226Time.Microseconds588)]
    [InlineData(100_000, Ina226Time.Microseconds2116)]
    public void What_the_file_leaves_open_follows_the_bus(int hertz, Ina226Time shunt)
    {
        var bench = new I2cBench("ina226", 0.01, now => new Wave(now));
        Assert.Equal(shunt, Ina226Family.Choose(bench.Entry, hertz, out ReadPlan plan).ShuntTime);
        Assert.True(plan.IsComfortable);
    }

    private static (Ina226Driver Driver, BenchTime Time, Ina226Part Part) Part(double ohms, Func<Func<double>, ISupplyLine> line)
    {
        var time = new BenchTime();
        var part = new Ina226Part(line(() => time.Now), ohms);
        var bus = new SimulatedI2cBus("i2c-1", 1_000_000_000, time.Spend);
        bus.Add(0x40, part);
        return (new Ina226Driver(new I2cRegisters(bus, 0x40, "INA226", time)), time, part);
    }
}
