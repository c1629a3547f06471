using System.Globalization;
using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Hwmon;

/// <summary>
/// The power readings of a chip: its power files (µW), or current and voltage files that belong together (mA × mV). The power
/// file comes first: the part has multiplied readings of the same instant.
/// </summary>
internal static class HwmonChannels
{
    private const int MostChannels = 32;
    private const double Micro = 1e-6;
    private const string Ina3221 = "ina3221";

    public static IReadOnlyList<SysfsChannel> Of(HwmonChip chip)
    {
        SysfsChannel[] powers = [.. Numbers.SelectMany(n => Power(chip, n))];
        return powers.Length > 0 ? powers : [.. Numbers.SelectMany(n => Pair(chip, n))];
    }

    private static IEnumerable<int> Numbers => Enumerable.Range(1, MostChannels);

    private static IEnumerable<SysfsChannel> Power(HwmonChip chip, int n)
    {
        // amdgpu and acpi_power_meter offer a mean, which misses nothing between two readings.
        string? file = new[] { $"power{n}_average", $"power{n}_input" }.FirstOrDefault(chip.Has);
        if (file is not null)
        {
            yield return Check(new SysfsChannel
            {
                Chip = chip.Name,
                Place = chip.Place,
                Number = n,
                Label = Label(chip, $"power{n}_label"),
                Path = chip.File(file),
                Scale = Micro,
                Timing = HwmonTiming.Of(chip, n),
                Resolution = HwmonTiming.PowerStep(chip),
            });
        }
    }

    private static IEnumerable<SysfsChannel> Pair(HwmonChip chip, int n)
    {
        if (!chip.Has($"curr{n}_input") || Voltage(chip, n) is not { } volts || !chip.Has($"in{volts}_input"))
        {
            yield break;
        }

        string? label = Label(chip, $"in{volts}_label") ?? Label(chip, $"curr{n}_label");
        if (string.Equals(label, "NC", StringComparison.OrdinalIgnoreCase))
        {
            yield break; // the device tree's word for a channel that is not connected
        }

        var channel = new SysfsChannel
        {
            Chip = chip.Name,
            Place = chip.Place,
            Number = n,
            Label = label,
            Path = chip.File($"curr{n}_input"),
            VoltagePath = chip.File($"in{volts}_input"),
            Scale = Micro,
            Timing = HwmonTiming.Of(chip, n),
            Resolution = HwmonTiming.PairStep(chip, n, volts),
            Fix = chip.Name == Ina3221 ? HwmonTiming.SamplesAdvice(chip) : null,
        };
        string enable = chip.File($"in{volts}_enable");
        yield return KernelFile.Integer(enable) == 0
            ? channel with { Problem = $"{channel.Description} is disabled", Fix = $"Enable it: echo 1 | sudo tee {enable}" }
            : Check(channel);
    }

    // ina3221 numbers voltages and currents alike; of other drivers only equal labels say what belongs together.
    private static int? Voltage(HwmonChip chip, int n)
    {
        if (chip.Name == Ina3221)
        {
            return n <= 3 ? n : null;
        }

        string? label = Label(chip, $"curr{n}_label");
        foreach (int volts in label is null ? [] : Enumerable.Range(0, MostChannels))
        {
            if (string.Equals(Label(chip, $"in{volts}_label"), label, StringComparison.OrdinalIgnoreCase))
            {
                return volts;
            }
        }

        return null;
    }

    private static string? Label(HwmonChip chip, string attribute) => chip.Has(attribute) ? KernelFile.Text(chip.File(attribute)) : null;

    private static SysfsChannel Check(SysfsChannel channel)
    {
        foreach (string path in new[] { channel.Path, channel.VoltagePath }.OfType<string>())
        {
            KernelFault fault = KernelFile.Probe(path);
            if (fault != KernelFault.None)
            {
                string fix = fault == KernelFault.Denied
                    ? string.Create(CultureInfo.InvariantCulture, $"Let this user read it: sudo chmod a+r {path} (until the next boot), or run as root")
                    : "See that the part is connected, and look at dmesg for its driver's words";
                return channel with { Problem = KernelFile.Describe(path, fault), Fix = fix };
            }
        }

        return channel;
    }
}
