using System.Globalization;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>
/// Rounds of an INA3221: each enabled channel converts its shunt and then its bus, one channel after the other, and then the flag
/// CVRF goes up. The registers are read in the order in which the next round overwrites them.
/// </summary>
internal sealed class Ina3221Converter : IConverter
{
    // The part has no calibration to lose. Its limit of the shunt sum has no effect while no channel is summed, and a value that
    // is not the reset value tells a part that lost its settings from one whose settings are those of a reset.
    private const ushort Witness = 0x7FFC;

    private readonly Ina3221Driver driver;
    private readonly Ina3221Settings settings;
    private readonly Ina3221Rail[] rails;
    private readonly int[] order;
    private readonly int[] shunts;
    private readonly int[] buses;

    /// <param name="rails">In the order of the source's rails.</param>
    public Ina3221Converter(I2cRegisters registers, Ina3221Settings settings, IReadOnlyList<Ina3221Rail> rails)
    {
        driver = new Ina3221Driver(registers);
        this.settings = settings;
        this.rails = [.. rails];
        order = [.. Enumerable.Range(0, rails.Count).OrderBy(i => rails[i].Channel)];
        shunts = new int[rails.Count];
        buses = new int[rails.Count];
    }

    public I2cRegisters Registers => driver.Registers;

    public Seconds TypicalPeriod => settings.Period;

    public void Prepare()
    {
        driver.Identify();
        driver.WriteMask(Ina3221MaskEnable.None);
        driver.ShuntSumLimit = Witness;
        driver.Settings = settings;
        CheckSettings();
        // Writing the settings once more clears the flag and starts the first round now.
        driver.Settings = settings;
    }

    public bool IsReady() => (driver.ReadFlags() & Ina3221MaskEnable.ConversionReady) != 0;

    public bool TryRead(in RoundEnd round)
    {
        bool isWhole = true;
        for (int slot = 0; slot < order.Length; slot++)
        {
            int rail = order[slot];
            shunts[rail] = driver.ReadShunt(rails[rail].Channel);
            isWhole &= round.IsBefore(Registers.Latched, ShuntLifetime(settings, slot));
            buses[rail] = driver.ReadBus(rails[rail].Channel);
            isWhole &= round.IsBefore(Registers.Latched, BusLifetime(settings, slot));
        }

        return isWhole;
    }

    public void Discard()
    {
        // Reading the flag has cleared it.
    }

    public void Emit(Seconds end, double scale, SampleSink sink)
    {
        for (int slot = 0; slot < order.Length; slot++)
        {
            int rail = order[slot];
            if ((Math.Abs(shunts[rail]) >= Ina3221Driver.ShuntFullScale || buses[rail] >= Ina3221Driver.BusFullScale) && sink.Invalid is null)
            {
                sink.Fail(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Registers.Name}: channel {rails[rail].Channel} reached the end of its range (±163.8 mV, {Ina3221Driver.ShuntFullScale * Ina3221Driver.ShuntStepVolts / rails[rail].ShuntOhms:F2} A): take a smaller shunt; at {end.Value:F3} s"));
            }

            double watts = shunts[rail] * Ina3221Driver.ShuntStepVolts / rails[rail].ShuntOhms * (buses[rail] * Ina3221Driver.BusStepVolts);
            Seconds age = (settings.Period - (settings.ChannelTime * slot) - (settings.ShuntTime.Duration() / 2)) * scale;
            sink.Add(end - age, rail, new Watts(watts));
        }
    }

    public void CheckSettings()
    {
        ushort kept = driver.ShuntSumLimit;
        if (kept != Witness)
        {
            throw Registers.Failure(kept == Ina3221Driver.ShuntSumLimitReset
                ? "the part has reset itself (its limits are those of a reset): its supply dipped; feed it from a steadier line"
                : string.Create(CultureInfo.InvariantCulture, $"limit 0x{Witness:X4} was written and 0x{kept:X4} is read: another program uses the part, or the wiring is bad"));
        }

        ushort configuration = Registers.Read(Ina3221Register.Configuration);
        if (configuration != settings.ToRegister())
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture, $"configuration 0x{settings.ToRegister():X4} was written and 0x{configuration:X4} is read: another program uses the part, or the wiring is bad"));
        }
    }

    /// <summary>How long after a round the shunt of its n-th channel stands.</summary>
    internal static Seconds ShuntLifetime(Ina3221Settings settings, int slot) => (settings.ChannelTime * slot) + settings.ShuntTime.Duration();

    /// <summary>How long after a round the bus voltage of its n-th channel stands.</summary>
    internal static Seconds BusLifetime(Ina3221Settings settings, int slot) => settings.ChannelTime * (slot + 1);
}
