using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>INA226 on an I2C bus, read by its registers.</summary>
public sealed class Ina226Family : IPowerSourceFamily
{
    private const int Transfers = 3;
    private const double NominalVolts = 5;

    public string Kind => "ina226";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        (int bus, int address) = I2cEntry.Place(entry);
        RailEntry rail = I2cEntry.OneRail(entry);
        double ohms = I2cEntry.Shunt(entry, rail);
        I2cEntry.MaxShuntVolts(entry, ohms, Ina226Driver.ShuntFullScale * Ina226Driver.ShuntStepVolts);
        Ina226Settings settings = Choose(entry, KernelI2c.Hertz(context.Root, bus, entry), out ReadPlan plan);
        KernelI2c.RefuseBound(context.Root, bus, address, "INA226");
        var registers = new I2cRegisters(context.OpenBus(bus), address, "INA226", context.Clock);
        return I2cSource.Create(
            registers, new Ina226Converter(registers, settings, ohms), [new PowerRail(rail.Name, rail.Role)], Traits(settings, ohms, plan), context);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context) => I2cScan.Find(context, I2cPartKind.Ina226);

    internal static PowerTraits Traits(Ina226Settings settings, double ohms, ReadPlan plan) => new(
        plan.Period, settings.Period, new Watts(Ina226Driver.ShuntStepVolts / ohms * NominalVolts), I2cEntry.Staleness(plan), PowerReadout.Samples);

    /// <summary>
    /// The settings that a device file asks for; where it leaves the time open, the shortest that the bus can follow. The bus voltage
    /// converts in the shortest time there is: the current is what changes, and it is not seen meanwhile.
    /// </summary>
    internal static Ina226Settings Choose(PowerSourceEntry entry, int hertz, out ReadPlan plan)
    {
        I2cEntry.Refuse(entry, "adc_bits", entry.AdcBits);
        int averages = entry.Averages ?? 1;
        if (!Ina226Times.TryCodeOf(averages, out _))
        {
            throw new InputException($"source ina226: averages is {Ina226Times.AllAverages}, not {averages}");
        }

        Ina226Settings With(Ina226Time shunt) => new(averages, Ina226Time.Microseconds140, shunt, Ina226Mode.Both);
        Ina226Settings settings;
        if (entry.ConversionMicroseconds is { } asked)
        {
            settings = Ina226Times.TryFromMicroseconds(asked, out Ina226Time time)
                ? With(time)
                : throw new InputException($"source ina226: conversion_us is {Ina226Times.AllTimes}, not {asked}");
        }
        else
        {
            settings = With(Ina226Time.Microseconds332);
            for (Ina226Time time = Ina226Time.Microseconds588; time <= Ina226Time.Microseconds8244 && !Plan(settings, hertz).IsComfortable; time++)
            {
                settings = With(time);
            }
        }

        plan = Plan(settings, hertz);
        return plan.IsPossible ? settings : throw I2cEntry.TooSlow(entry, plan, "ask for a longer conversion_us or more averages, or leave both open");
    }

    private static ReadPlan Plan(Ina226Settings settings, int hertz) =>
        new(hertz, settings.Period, [Ina226Converter.ShuntLifetime(settings), settings.Period], Transfers);
}
