using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>INA3221 on an I2C bus, read by its registers. Where a kernel driver has it, as on every Jetson, hwmon reads it.</summary>
public sealed class Ina3221Family : IPowerSourceFamily
{
    private const double NominalVolts = 5;

    public string Kind => "ina3221";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        (int bus, int address) = I2cEntry.Place(entry);
        Ina3221Rail[] rails = Rails(entry);
        Ina3221Settings settings = Choose(entry, rails, KernelI2c.Hertz(context.Root, bus, entry), out ReadPlan plan);
        KernelI2c.RefuseBound(context.Root, bus, address, "INA3221");
        var registers = new I2cRegisters(context.OpenBus(bus), address, "INA3221", context.Clock);
        return I2cSource.Create(
            registers,
            new Ina3221Converter(registers, settings, rails),
            [.. entry.Rails.Select(r => new PowerRail(r.Name, r.Role))],
            Traits(settings, rails, plan),
            context);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context) => I2cScan.Find(context, I2cPartKind.Ina3221);

    internal static PowerTraits Traits(Ina3221Settings settings, IReadOnlyList<Ina3221Rail> rails, ReadPlan plan) => new(
        plan.Period,
        settings.Averages == 1 ? settings.ShuntTime.Duration() : settings.Period * settings.Averages,
        new Watts(rails.Max(r => Ina3221Driver.ShuntStepVolts / r.ShuntOhms) * NominalVolts),
        I2cEntry.Staleness(plan),
        PowerReadout.Samples);

    internal static Ina3221Rail[] Rails(PowerSourceEntry entry)
    {
        if (entry.Rails.Count is 0 or > Ina3221Driver.Channels)
        {
            throw new InputException($"source ina3221: the part measures one to three rails, the device file names {entry.Rails.Count}");
        }

        var rails = new Ina3221Rail[entry.Rails.Count];
        var taken = Ina3221Channels.None;
        for (int i = 0; i < rails.Length; i++)
        {
            RailEntry rail = entry.Rails[i];
            if (rail.Channel is not (>= 1 and <= Ina3221Driver.Channels) || (taken & Ina3221Settings.Of(rail.Channel.Value)) != 0)
            {
                throw new InputException($"source ina3221, rail {rail.Name}: give its channel, 'channel: 1', 2 or 3, and each channel once");
            }

            taken |= Ina3221Settings.Of(rail.Channel.Value);
            rails[i] = new Ina3221Rail(rail.Channel.Value, I2cEntry.Shunt(entry, rail));
            I2cEntry.MaxShuntVolts(entry, rails[i].ShuntOhms, Ina3221Driver.ShuntFullScale * Ina3221Driver.ShuntStepVolts);
        }

        return rails;
    }

    /// <summary>
    /// The settings that a device file asks for; where it leaves the time open, the shortest that the bus can follow with the
    /// channels that are used. Only those convert. Averages are 1 unless asked for, because the part's average is a running one.
    /// </summary>
    internal static Ina3221Settings Choose(PowerSourceEntry entry, IReadOnlyList<Ina3221Rail> rails, int hertz, out ReadPlan plan)
    {
        I2cEntry.Refuse(entry, "adc_bits", entry.AdcBits);
        int averages = entry.Averages ?? 1;
        if (!Ina226Times.TryCodeOf(averages, out _))
        {
            throw new InputException($"source ina3221: averages is {Ina226Times.AllAverages}, not {averages}");
        }

        Ina3221Channels channels = rails.Aggregate(Ina3221Channels.None, (all, rail) => all | Ina3221Settings.Of(rail.Channel));
        Ina3221Settings With(Ina226Time shunt) => new(channels, averages, Ina226Time.Microseconds140, shunt, Ina226Mode.Both);
        Ina3221Settings settings;
        if (entry.ConversionMicroseconds is { } asked)
        {
            settings = Ina226Times.TryFromMicroseconds(asked, out Ina226Time time)
                ? With(time)
                : throw new InputException($"source ina3221: conversion_us is {Ina226Times.AllTimes}, not {asked}");
        }
        else
        {
            settings = With(Ina226Time.Microseconds140);
            for (Ina226Time time = Ina226Time.Microseconds204; time <= Ina226Time.Microseconds8244 && !Plan(settings, rails.Count, hertz).IsComfortable; time++)
            {
                settings = With(time);
            }
        }

        plan = Plan(settings, rails.Count, hertz);
        return plan.IsPossible ? settings : throw I2cEntry.TooSlow(entry, plan, "ask for a longer conversion_us, or leave it open");
    }

    private static ReadPlan Plan(Ina3221Settings settings, int rails, int hertz) => new(
        hertz,
        settings.Period,
        [.. Enumerable.Range(0, rails).SelectMany(slot => new[] { Ina3221Converter.ShuntLifetime(settings, slot), Ina3221Converter.BusLifetime(settings, slot) })],
        1 + (2 * rails));
}
