using System.Globalization;
using EdgePrune.Profiler.Sensors.Sysfs;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Hwmon;

/// <summary>
/// How fast chips convert and in what steps, from the attributes of their drivers (Documentation/hwmon/ina2xx.rst, ina3221.rst,
/// acpi_power_meter.rst) and, where those are silent, from the drivers' reset values.
/// </summary>
internal static class HwmonTiming
{
    private const double Milli = 1e-3;
    private const int Ina3221Channels = 3;
    private const double MostMilliseconds = 60_000;

    // INA219 as its driver leaves it: shunt and bus at 12 bits, 532 µs each (SBOS448, table 5).
    private const double Ina219Period = 1.064e-3;

    // INA226 at 1.1 ms and 16 averages of both, the driver's default.
    private const double Ina226Period = 35.2e-3;

    // INA3221 at reset: 1.1 ms for each of six readings, no averaging (SBOS576, configuration register).
    private const double Ina3221Period = 6.6e-3;

    // Others: seen often enough for windows of seconds, at 50 wake-ups a second.
    private const double UnknownPoll = 20e-3;
    private const double UnknownStaleness = 0.2;

    public static ChannelTiming Of(HwmonChip chip, int number)
    {
        double? update = Milliseconds(chip, "update_interval");
        switch (chip.Name)
        {
            case "ina219" or "ina220":
                return ChannelTiming.Of(update ?? Ina219Period, update ?? Ina219Period);
            case "ina3221":
                return Ina3221(chip, update ?? Ina3221Period);
            case { } name when name.StartsWith("ina2", StringComparison.Ordinal):
                return ChannelTiming.Of(update ?? Ina226Period, update ?? Ina226Period);
            default:
                double? average = Milliseconds(chip, $"power{number}_average_interval");
                return (update ?? average) is { } period
                    ? ChannelTiming.Of(period, average ?? period)
                    : ChannelTiming.Unknown(UnknownPoll, UnknownStaleness);
        }
    }

    /// <summary>Step of the power register: 20 or 25 current steps, which follow from the shunt (drivers/hwmon/ina2xx.c).</summary>
    /// <returns>One microwatt, which is the step of the file, where the part is another.</returns>
    public static Watts PowerStep(HwmonChip chip)
    {
        long shunt = KernelFile.Integer(chip.File("shunt_resistor")) ?? 0;
        double step = shunt <= 0 ? 1 : chip.Name switch
        {
            "ina219" or "ina220" => 20 * (1e7 / shunt),
            "ina226" or "ina230" or "ina231" => 25 * (2.5e6 / shunt),
            _ => 1,
        };
        return new Watts(step * 1e-6);
    }

    /// <summary>One step of the current at the voltage of now: 40 µV over the shunt of an INA3221, else the file's milliampere.</summary>
    public static Watts PairStep(HwmonChip chip, int current, int voltage)
    {
        double volts = Math.Abs((KernelFile.Integer(chip.File($"in{voltage}_input")) ?? 0) * Milli);
        long shunt = KernelFile.Integer(chip.File($"shunt{current}_resistor")) ?? 0;
        double step = chip.Name == "ina3221" && shunt > 0 ? Math.Max(40.0 / shunt, Milli) : Milli;
        return new Watts(step * volts);
    }

    /// <summary>The part's averaging is recursive and blurs over more than its interval; null where it is off.</summary>
    public static string? SamplesAdvice(HwmonChip chip) =>
        KernelFile.Integer(chip.File("samples")) is > 1 and var samples
            ? string.Create(CultureInfo.InvariantCulture, $"It averages {samples} conversions recursively, which delays readings: echo 1 | sudo tee {chip.File("samples")} gives a sharper trace")
            : null;

    // update_interval = channels · samples · (bus + shunt time). The registers change with every round of conversions: the average
    // is new += (x − old)/samples, whose mean age is samples − 1 rounds and whose noise is that of 2·samples − 1 conversions.
    private static ChannelTiming Ina3221(HwmonChip chip, double update)
    {
        long samples = Math.Clamp(KernelFile.Integer(chip.File("samples")) ?? 1, 1, 1024);
        int channels = Math.Max(1, Enumerable.Range(1, Ina3221Channels).Count(n => KernelFile.Integer(chip.File($"in{n}_enable")) is not 0));
        double round = update / samples;
        double conversion = round / channels;
        return ChannelTiming.Of(round, samples == 1 ? conversion : ((2 * samples) - 1) * round, samples == 1 ? 0 : (conversion - round) / 2);
    }

    private static double? Milliseconds(HwmonChip chip, string attribute) =>
        chip.Has(attribute) && KernelFile.Integer(chip.File(attribute)) is > 0 and var value ? Math.Min(value, MostMilliseconds) * Milli : null;
}
