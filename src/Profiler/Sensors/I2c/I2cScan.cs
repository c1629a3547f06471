using System.Globalization;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Ina219;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Sensors.Ina3221;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// Looks for parts at 0x40 to 0x4F by reading registers; no register is ever written. Adapters that serve a monitor or the
/// mainboard, and addresses that a kernel driver holds, are left alone: a read there can upset what it does not know.
/// </summary>
internal static class I2cScan
{
    private const ushort TexasInstruments = 0x5449;

    private static readonly string[] NotForSensors = ["smbus", "ddc", "aux", "gmbus", "hdmi", "drm", "amdgpu", "radeon", "nvidia", "nvkm"];

    /// <summary>Parts of one kind on all buses; buses that cannot be opened are told once, with the INA219.</summary>
    public static IEnumerable<DiscoveredSource> Find(PowerSourceContext context, I2cPartKind kind)
    {
        ArgumentNullException.ThrowIfNull(context);
        foreach (int number in KernelI2c.Buses(context.Root))
        {
            string adapter = KernelI2c.AdapterName(context.Root, number);
            if (NotForSensors.Any(word => adapter.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            foreach (DiscoveredSource found in OnBus(context, number, kind))
            {
                yield return found;
            }
        }
    }

    private static List<DiscoveredSource> OnBus(PowerSourceContext context, int number, I2cPartKind kind)
    {
        II2cBus bus;
        try
        {
            bus = context.OpenBus(number);
        }
        catch (SensorException e)
        {
            return kind == I2cPartKind.Ina219
                ? [new DiscoveredSource($"i2c-{number}", Entry(kind, number, null), [], null, "its parts cannot be looked for", e.Message)]
                : [];
        }

        using (bus)
        {
            List<DiscoveredSource> found = [];
            for (int address = I2cEntry.FirstAddress; address <= I2cEntry.LastAddress; address++)
            {
                if (KernelI2c.Driver(context.Root, number, address) is not null)
                {
                    continue;
                }

                try
                {
                    if (Identify(new I2cRegisters(bus, address, "part", context.Clock, attempts: 1)) == kind)
                    {
                        found.Add(Describe(bus, number, address, kind));
                    }
                }
                catch (SensorException e)
                {
                    // Nothing at this address, unless the whole bus hangs: each further address would then cost a timeout.
                    if (e.InnerException is I2cTransferException { ErrorNumber: I2cErrors.TimedOut or I2cErrors.NoDevice })
                    {
                        break;
                    }
                }
            }

            return found;
        }
    }

    private static DiscoveredSource Describe(II2cBus bus, int number, int address, I2cPartKind kind) => new(
        string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToUpperInvariant()} at {bus.Name} 0x{address:X2}"),
        Entry(kind, number, address),
        [],
        null,
        "its shunt is not known",
        string.Create(
            CultureInfo.InvariantCulture,
            $"name it in a device file: source {Word(kind)}, bus {number}, address 0x{address:X2}, and shunt_ohm as printed on the board (R100 is 0.1 Ω)"));

    private static PowerSourceEntry Entry(I2cPartKind kind, int bus, int? address) => new(Word(kind), bus, address, []);

    private static string Word(I2cPartKind kind) => kind.ToString().ToLowerInvariant();

    // Register 0 comes first: parts of other makers at these addresses do not know it as a command, while 0xFE resets some
    // humidity sensors at 0x40, so that is asked only of what looks like a part of this family.
    private static I2cPartKind? Identify(I2cRegisters registers)
    {
        ushort configuration = registers.Read(Ina219Register.Configuration);
        bool isFirst = Ina219Driver.IsPlausible(configuration);
        if (configuration is 0 or 0xFFFF || (!isFirst && !Ina226Driver.IsPlausible(configuration) && !Ina3221Driver.IsPlausible(configuration)))
        {
            return null;
        }

        if (registers.Read(Ina226Register.Manufacturer) == TexasInstruments)
        {
            return registers.Read(Ina226Register.Die) switch
            {
                Ina226Driver.DieIdentity => I2cPartKind.Ina226,
                Ina3221Driver.DieIdentity => I2cPartKind.Ina3221,
                _ => null,
            };
        }

        return isFirst && IsIna219(registers) ? I2cPartKind.Ina219 : null;
    }

    private static bool IsIna219(I2cRegisters registers)
    {
        var driver = new Ina219Driver(registers);
        ushort bus = driver.ReadBus().Register;
        short shunt = driver.ReadShunt();
        ushort calibration = driver.Calibration;
        Ina219Settings settings = driver.Settings;
        return (bus & 4) == 0 && (bus >> 3) <= settings.BusFullScale && (calibration & 1) == 0
            && Math.Abs((int)shunt) <= settings.ShuntFullScale;
    }
}
