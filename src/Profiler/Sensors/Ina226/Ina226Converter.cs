using System.Globalization;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>
/// Rounds of an INA226: shunt and bus convert in turns, as often as is averaged, and then the flag CVRF goes up. The mask register
/// is read for the flag, which clears it, and then shunt and bus, which stand until the next round's averages are done. Power is
/// the product of the two voltages in double precision: the part's own register counts in 25 steps of its current register.
/// </summary>
internal sealed class Ina226Converter : IConverter
{
    // Current = shunt × calibration / 2048: the current register then equals the shunt register and overflows no sooner.
    private const ushort Calibration = 2048;

    private readonly Ina226Driver driver;
    private readonly Ina226Settings settings;
    private readonly double ohms;
    private Ina226MaskEnable flags;
    private short shunt;
    private int bus;

    public Ina226Converter(I2cRegisters registers, Ina226Settings settings, double shuntOhms)
    {
        driver = new Ina226Driver(registers);
        this.settings = settings;
        ohms = shuntOhms;
    }

    public I2cRegisters Registers => driver.Registers;

    public Seconds TypicalPeriod => settings.Period;

    public void Prepare()
    {
        driver.Identify();
        driver.WriteMask(Ina226MaskEnable.None);
        driver.Calibration = Calibration;
        driver.Settings = settings;
        CheckSettings();
        // Writing the settings once more clears the flag and starts the first round now.
        driver.Settings = settings;
    }

    public bool IsReady()
    {
        flags = driver.ReadFlags();
        return (flags & Ina226MaskEnable.ConversionReady) != 0;
    }

    public bool TryRead(in RoundEnd round)
    {
        shunt = driver.ReadShunt();
        bool isWhole = round.IsBefore(Registers.Latched, ShuntLifetime(settings));
        bus = driver.ReadBus();
        return isWhole && round.IsBefore(Registers.Latched, settings.Period);
    }

    public void Discard()
    {
        // Reading the flag has cleared it.
    }

    public void Emit(Seconds end, double scale, SampleSink sink)
    {
        bool isClipped = Math.Abs((int)shunt) >= Ina226Driver.ShuntFullScale || bus >= Ina226Driver.BusFullScale;
        if ((isClipped || (flags & Ina226MaskEnable.Overflow) != 0) && sink.Invalid is null)
        {
            string what = isClipped
                ? string.Create(CultureInfo.InvariantCulture, $"the shunt reached ±81.9 mV ({Ina226Driver.ShuntFullScale * Ina226Driver.ShuntStepVolts / ohms:F2} A) or the bus 40.9 V, the end of the range: take a smaller shunt")
                : "the part reports an overflow (OVF)";
            sink.Fail(string.Create(CultureInfo.InvariantCulture, $"{Registers.Name}: {what}, at {end.Value:F3} s"));
        }

        Seconds age = ((settings.Period / 2) + (settings.BusTime.Duration() / 2)) * scale;
        sink.Add(end - age, 0, new Watts(shunt * Ina226Driver.ShuntStepVolts / ohms * (bus * Ina226Driver.BusStepVolts)));
    }

    // The settings that were asked for may be those after a reset; the calibration never is.
    public void CheckSettings()
    {
        ushort kept = driver.Calibration;
        if (kept != Calibration)
        {
            throw Registers.Failure(kept == 0
                ? "the part has reset itself (its calibration reads 0): its supply dipped; feed it from a steadier line"
                : $"calibration {Calibration} was written and {kept} is read: another program uses the part, or the wiring is bad");
        }

        ushort configuration = Registers.Read(Ina226Register.Configuration);
        if (configuration != settings.ToRegister())
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture, $"configuration 0x{settings.ToRegister():X4} was written and 0x{configuration:X4} is read: another program uses the part, or the wiring is bad"));
        }
    }

    /// <summary>The shunt register changes when the next round's last shunt conversion ends, a bus conversion before the round does.</summary>
    internal static Seconds ShuntLifetime(Ina226Settings settings) => settings.Period - settings.BusTime.Duration();
}
