using System.Globalization;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>
/// Rounds of an INA219: the shunt converts first, the bus after it, then the flag CNVR goes up. The bus register, which holds the
/// flag, is read first; the shunt register still belongs to the same round until the next shunt conversion ends; reading the power
/// register clears the flag. Power is the product of the two voltages in double precision: the part's own power register counts in
/// 20 steps of its current register and would lose more than four bits.
/// </summary>
internal sealed class Ina219Converter : IConverter
{
    // Current = shunt × calibration / 4096: whatever the shunt, the current register then equals the shunt register, overflows
    // no sooner than that, and the power register is shunt × bus / 5000.
    private const ushort Calibration = 4096;
    private const int PowerDivisor = 5000;

    private readonly Ina219Driver driver;
    private readonly Ina219Settings settings;
    private readonly double ohms;
    private Ina219BusReading bus;
    private short shunt;
    private ushort power;

    public Ina219Converter(I2cRegisters registers, Ina219Settings settings, double shuntOhms)
    {
        driver = new Ina219Driver(registers);
        this.settings = settings;
        ohms = shuntOhms;
    }

    public I2cRegisters Registers => driver.Registers;

    public Seconds TypicalPeriod => settings.Period;

    public void Prepare()
    {
        driver.Identify();
        driver.Calibration = Calibration;
        ushort kept = driver.Calibration;
        if (kept != Calibration)
        {
            throw Registers.Failure($"calibration {Calibration} was written and {kept} is read: another program uses the part, or the wiring is bad");
        }

        driver.Settings = settings;
        CheckSettings();
        // Writing the settings once more starts the first round now, and leaves no flag of the rounds before.
        driver.ReadPower();
        driver.Settings = settings;
    }

    public bool IsReady()
    {
        bus = driver.ReadBusAgain();
        return bus.IsReady;
    }

    public bool TryRead(in RoundEnd round)
    {
        shunt = driver.ReadShunt();
        bool isWhole = round.IsBefore(Registers.Latched, settings.ShuntAdc.Time());
        power = driver.ReadPower();
        return isWhole;
    }

    public void Discard() => driver.ReadPower();

    public void Emit(Seconds end, double scale, SampleSink sink)
    {
        if (bus.HasOverflow || IsClipped || HasLostCalibration)
        {
            // The default settings show these signs too, with a calibration of zero.
            CheckSettings();
            if (bus.HasOverflow || IsClipped)
            {
                Refuse(end, sink);
            }
        }

        // The current changes faster than the bus voltage, so a reading belongs to the middle of the shunt's conversion.
        Seconds age = (settings.Period - (settings.ShuntAdc.Time() / 2)) * scale;
        sink.Add(end - age, 0, Power);
    }

    public void CheckSettings()
    {
        ushort kept = Registers.Read(Ina219Register.Configuration);
        if (kept == settings.ToRegister())
        {
            return;
        }

        throw Registers.Failure(kept == Ina219Settings.ResetValue
            ? "the part has reset itself (its configuration reads 0x399F): its supply dipped; feed it from a steadier line"
            : string.Create(CultureInfo.InvariantCulture, $"configuration 0x{settings.ToRegister():X4} was written and 0x{kept:X4} is read: another program uses the part, or the wiring is bad"));
    }

    private Watts Power => new(shunt * Ina219Driver.ShuntStepVolts / ohms * bus.Volts);

    private bool IsClipped => Math.Abs((int)shunt) >= settings.ShuntFullScale || bus.Steps >= settings.BusFullScale;

    // A reset leaves a calibration of 0, with which the power register stays 0 whatever flows.
    private bool HasLostCalibration => power == 0 && (long)Math.Abs((int)shunt) * bus.Steps > 2 * PowerDivisor;

    private void Refuse(Seconds end, SampleSink sink)
    {
        if (sink.Invalid is not null)
        {
            return;
        }

        string what = bus.Steps >= settings.BusFullScale
            ? string.Create(CultureInfo.InvariantCulture, $"the bus voltage reached {bus.Volts:F1} V, the end of the range")
            : IsClipped
                ? string.Create(CultureInfo.InvariantCulture, $"the shunt voltage reached {settings.ShuntFullScale / 100} mV, the end of the range ({settings.ShuntFullScale * Ina219Driver.ShuntStepVolts / ohms:F2} A): raise max_current_a or take a smaller shunt")
                : "the part reports an overflow (OVF)";
        sink.Fail(string.Create(CultureInfo.InvariantCulture, $"{Registers.Name}: {what}, at {end.Value:F3} s"));
    }
}
