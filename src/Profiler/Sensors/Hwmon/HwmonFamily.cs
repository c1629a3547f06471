using System.Globalization;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Hwmon;

/// <summary>Power through the kernel's hardware monitoring: ina2xx, ina3221 (every Jetson since JetPack 5) and others.</summary>
public sealed class HwmonFamily : IPowerSourceFamily
{
    public string Kind => "hwmon";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        return SysfsSource.Open([.. HwmonChip.Find(context).SelectMany(HwmonChannels.Of)], entry, context);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        List<SysfsChannel[]> chips = [.. HwmonChip.Find(context).Select(c => HwmonChannels.Of(c).ToArray()).Where(c => c.Length > 0)];
        // A Jetson's module has one or two chips, and the sum of its rails goes over both.
        SysfsChannel[] jetson = [.. chips.Where(IsJetson).SelectMany(c => c)];
        if (jetson.Length > 0)
        {
            yield return Describe([.. jetson.Where(c => JetsonRails.Knows(c.Label))], isOne: true);
        }

        foreach (SysfsChannel[] chip in chips.Where(c => !IsJetson(c)))
        {
            yield return Describe(chip, chips.Count(c => c[0].Chip == chip[0].Chip) == 1);
        }
    }

    private static bool IsJetson(SysfsChannel[] chip) => chip[0].Chip == "ina3221" && chip.Any(c => JetsonRails.Knows(c.Label));

    private DiscoveredSource Describe(SysfsChannel[] channels, bool isOne)
    {
        // Disabled channels of a chip with others that work are what the board's maker meant.
        SysfsChannel[] working = [.. channels.Where(c => c.Problem is null)];
        SysfsChannel[] shown = working.Length > 0 ? working : channels;
        IReadOnlyList<RailRole> roles = JetsonRails.Roles(shown);
        (int? bus, int? address) = isOne ? (null, null) : Place(shown[0].Place);
        RailEntry[] rails = [.. shown.Select((c, i) => new RailEntry(c.RailName, c.Label, c.Label is null ? c.Number : null, null, roles[i]))];
        var entry = new PowerSourceEntry(Kind, bus, address, rails) { Path = shown[0].Chip };
        return SysfsSource.Describe(Kind, shown, entry);
    }

    private static (int? Bus, int? Address) Place(string place) =>
        place.Split('-') is [var bus, var address]
        && int.TryParse(bus, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && int.TryParse(address, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            ? (number, value)
            : (null, null);
}
