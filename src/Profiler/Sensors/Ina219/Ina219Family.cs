using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>INA219 on an I2C bus, read by its registers.</summary>
public sealed class Ina219Family : IPowerSourceFamily
{
    private const int Transfers = 3;
    private const double ShuntFullScaleVolts = 0.32;
    private const double NominalVolts = 5;

    public string Kind => "ina219";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        (int bus, int address) = I2cEntry.Place(entry);
        RailEntry rail = I2cEntry.OneRail(entry);
        double ohms = I2cEntry.Shunt(entry, rail);
        Ina219Settings settings = Choose(entry, ohms, KernelI2c.Hertz(context.Root, bus, entry), out ReadPlan plan);
        KernelI2c.RefuseBound(context.Root, bus, address, "INA219");
        var registers = new I2cRegisters(context.OpenBus(bus), address, "INA219", context.Clock);
        return I2cSource.Create(
            registers, new Ina219Converter(registers, settings, ohms), [new PowerRail(rail.Name, rail.Role)], Traits(settings, ohms, plan), context);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context) => I2cScan.Find(context, I2cPartKind.Ina219);

    internal static PowerTraits Traits(Ina219Settings settings, double ohms, ReadPlan plan) => new(
        plan.Period,
        settings.ShuntAdc.Time(),
        new Watts(Ina219Driver.ShuntStepVolts * (1 << (12 - settings.ShuntAdc.Bits())) / ohms * NominalVolts),
        I2cEntry.Staleness(plan),
        PowerReadout.Samples);

    /// <summary>
    /// The settings that a device file asks for; where it leaves them open, 12 bits and as few averages as the bus can follow.
    /// Averages are the shunt's alone: the current is what changes, and time spent on the bus voltage is time in which it is not seen.
    /// </summary>
    internal static Ina219Settings Choose(PowerSourceEntry entry, double ohms, int hertz, out ReadPlan plan)
    {
        I2cEntry.Refuse(entry, "conversion_us", entry.ConversionMicroseconds);
        if (entry.AdcBits is { } bits && !Ina219AdcTimes.TryFromBits(bits, out _))
        {
            throw new InputException($"source ina219: adc_bits is 9, 10, 11 or 12, not {bits}");
        }

        if (entry.Averages is { } averages && !Ina219AdcTimes.TryFromSamples(averages, out _))
        {
            throw new InputException($"source ina219: averages is 1, 2, 4 … 128, not {averages}");
        }

        if (entry.AdcBits is < 12 && entry.Averages is > 1)
        {
            throw new InputException("source ina219: the part averages at 12 bits only; leave out adc_bits or averages");
        }

        Ina219Gain gain = Gain(I2cEntry.MaxShuntVolts(entry, ohms, ShuntFullScaleVolts));
        Ina219Settings With(Ina219Adc shunt, Ina219Adc bus) => new(Ina219BusRange.Volts32, gain, bus, shunt, Ina219Mode.Both);
        Ina219Settings settings = With(Ina219Adc.Samples1, Ina219Adc.Samples1);
        if (entry.AdcBits is < 12 and { } fewer)
        {
            Ina219AdcTimes.TryFromBits(fewer, out Ina219Adc adc);
            settings = With(adc, adc);
        }
        else if (entry.Averages is > 1 and { } asked)
        {
            Ina219AdcTimes.TryFromSamples(asked, out Ina219Adc adc);
            settings = With(adc, Ina219Adc.Samples1);
        }
        else
        {
            for (Ina219Adc adc = Ina219Adc.Samples2; adc <= Ina219Adc.Samples128 && !Plan(settings, hertz).IsComfortable; adc++)
            {
                settings = With(adc, Ina219Adc.Samples1);
            }
        }

        plan = Plan(settings, hertz);
        return plan.IsPossible ? settings : throw I2cEntry.TooSlow(entry, plan, "ask for more averages or bits, or leave both open");
    }

    private static ReadPlan Plan(Ina219Settings settings, int hertz) => new(hertz, settings.Period, [settings.ShuntAdc.Time()], Transfers);

    private static Ina219Gain Gain(double? volts) => (volts * (1 - I2cEntry.Rounding)) switch
    {
        null or > 0.16 => Ina219Gain.Millivolts320,
        > 0.08 => Ina219Gain.Millivolts160,
        > 0.04 => Ina219Gain.Millivolts80,
        _ => Ina219Gain.Millivolts40,
    };
}
