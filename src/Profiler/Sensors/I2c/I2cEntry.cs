using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>What a device file must say about a part on an I2C bus; what is missing is the user's to mend.</summary>
internal static class I2cEntry
{
    public const int DefaultHertz = 100_000;
    public const int FirstAddress = 0x40;
    public const int LastAddress = 0x4F;

    private const double LeastOhms = 1e-5;
    private const double MostOhms = 100;

    /// <summary>The product of two decimal fractions may come out a hair above the range that it just fills.</summary>
    public const double Rounding = 1e-9;

    /// <summary>Bus and address of the entry.</summary>
    /// <exception cref="InputException">One of them is missing or out of range.</exception>
    public static (int Bus, int Address) Place(PowerSourceEntry entry)
    {
        int bus = entry.Bus ?? throw new InputException($"source {entry.Kind}: give the bus, for example 'bus: 1' for /dev/i2c-1");
        int address = entry.Address ?? throw new InputException($"source {entry.Kind}: give the address, for example 'address: 0x40'");
        return address is >= FirstAddress and <= LastAddress
            ? (bus, address)
            : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"source {entry.Kind}: address 0x{address:X2} cannot be one, its pins give 0x40 to 0x4F"));
    }

    /// <summary>The shunt of a rail. A driver cannot find it out, and a wrong one scales every figure.</summary>
    /// <exception cref="InputException">It is missing or no resistance.</exception>
    public static double Shunt(PowerSourceEntry entry, RailEntry rail)
    {
        double ohms = rail.ShuntOhms ?? throw new InputException(
            $"source {entry.Kind}, rail {rail.Name}: give the shunt, for example 'shunt_ohm: 0.1'; it is printed on the board (R100 is 0.1 Ω)");
        return ohms is >= LeastOhms and <= MostOhms
            ? ohms
            : throw new InputException(string.Create(CultureInfo.InvariantCulture, $"source {entry.Kind}, rail {rail.Name}: a shunt of {ohms:G4} Ω is outside {LeastOhms:G} to {MostOhms:G} Ω"));
    }

    /// <summary>The one rail of a part that has one.</summary>
    /// <exception cref="InputException">None, several, or a channel that the part has not.</exception>
    public static RailEntry OneRail(PowerSourceEntry entry)
    {
        if (entry.Rails.Count != 1)
        {
            throw new InputException($"source {entry.Kind}: the part measures one rail, the device file names {entry.Rails.Count}");
        }

        return entry.Rails[0].Channel is null or 1
            ? entry.Rails[0]
            : throw new InputException($"source {entry.Kind}, rail {entry.Rails[0].Name}: the part has one channel only");
    }

    /// <summary>Largest shunt voltage in volts that must be measured, or null where the file leaves it open.</summary>
    /// <exception cref="InputException">No current, or more than the part can measure with this shunt.</exception>
    public static double? MaxShuntVolts(PowerSourceEntry entry, double ohms, double fullScale)
    {
        if (entry.MaxAmperes is not { } amperes)
        {
            return null;
        }

        double volts = amperes * ohms;
        return amperes > 0 && volts <= fullScale * (1 + Rounding)
            ? volts
            : throw new InputException(string.Create(
                CultureInfo.InvariantCulture,
                $"source {entry.Kind}: max_current_a {amperes:G4} over {ohms:G4} Ω is {volts * 1e3:G4} mV and the part measures up to {fullScale * 1e3:G4} mV ({fullScale / ohms:G4} A): take a smaller shunt, or state a smaller current"));
    }

    /// <summary>Refuses a setting that the part does not have.</summary>
    /// <exception cref="InputException">The file gives it.</exception>
    public static void Refuse(PowerSourceEntry entry, string key, object? value)
    {
        if (value is not null)
        {
            throw new InputException($"source {entry.Kind}: the part has no setting '{key}'; leave it out");
        }
    }

    /// <summary>Says that a bus is too slow for the settings that the file asks for.</summary>
    public static InputException TooSlow(PowerSourceEntry entry, ReadPlan plan, string remedy) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"source {entry.Kind}: a bus of {plan.BusHertz / 1e3:G4} kHz takes {plan.TransferTime.Microseconds:F0} µs for each register, too long to read a conversion of {plan.Period.Microseconds:F0} µs before the next overwrites it: {remedy}, or a faster bus (bus_hz, dtparam=i2c_arm_baudrate=400000 on a Raspberry Pi)"));

    /// <summary>How long a reading can be old when it is handed out.</summary>
    public static Seconds Staleness(ReadPlan plan) => plan.Period + plan.Traffic;
}
