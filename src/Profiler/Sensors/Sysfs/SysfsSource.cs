using System.Globalization;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>Makes a power source of the channels that a device file names, by label and never by a number that the kernel gave.</summary>
internal static class SysfsSource
{
    /// <param name="channels">All that the machine has.</param>
    /// <exception cref="SensorException">A rail is not there, is there twice, or gives no reading.</exception>
    public static IPowerSource Open(IReadOnlyList<SysfsChannel> channels, PowerSourceEntry entry, PowerSourceContext context)
    {
        SysfsChannel[] candidates = [.. channels.Where(c => IsMeant(c, entry))];
        if (candidates.Length == 0)
        {
            throw new SensorException($"no {entry.Kind} chip {Wanted(entry)} gives a power reading here. {Known(channels)}");
        }

        SysfsChannel[] chosen = [.. entry.Rails.Select(rail => Choose(rail, candidates, entry))];
        if (chosen.FirstOrDefault(c => c.Problem is not null) is { } unusable)
        {
            throw new SensorException($"{unusable.Problem}{(unusable.Fix is null ? "" : $". {unusable.Fix}")}");
        }

        PowerRail[] rails = [.. entry.Rails.Select(r => new PowerRail(r.Name, r.Role))];
        string name = Name(entry.Kind, chosen);
        var poller = new SysfsPoller(name, chosen);
        return new SampledPowerSource(name, context.ProvenanceOf(name), rails, Traits(chosen, rails), poller, context.Scheduler, context.Clock);
    }

    /// <summary>What discovery says of channels that belong to one source.</summary>
    public static DiscoveredSource Describe(string kind, IReadOnlyList<SysfsChannel> channels, PowerSourceEntry entry)
    {
        PowerRail[] rails = [.. entry.Rails.Select(r => new PowerRail(r.Name, r.Role))];
        SysfsChannel? broken = channels.FirstOrDefault(c => c.Problem is not null);
        if (channels.GroupBy(c => c.RailName, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            string both = string.Join(", ", twice.Select(c => c.Description));
            return new DiscoveredSource(
                Name(kind, channels), entry, rails, null, $"rail '{twice.Key}' is there {twice.Count()} times: {both}", "Name one of them in a device file, with its bus and address");
        }

        return new DiscoveredSource(
            Name(kind, channels), entry, rails, Traits(channels, rails), broken?.Problem, broken?.Fix ?? channels.Select(c => c.Fix).FirstOrDefault(f => f is not null));
    }

    public static string Name(string kind, IReadOnlyList<SysfsChannel> channels)
    {
        IEnumerable<string> chips = channels.Select(c => $"{c.Chip} at {c.Place}").Distinct();
        return $"{string.Join(" and ", chips)} ({kind})";
    }

    private static PowerTraits Traits(IReadOnlyList<SysfsChannel> channels, PowerRail[] rails)
    {
        // What limits the sum is the slowest rail in it; its steps add up.
        IReadOnlyList<int> summed = PowerRail.Summed(rails);
        SysfsChannel[] counted = [.. (summed.Count == 0 ? [.. Enumerable.Range(0, channels.Count)] : summed).Select(i => channels[i])];
        return new PowerTraits(
            new Seconds(counted.Max(c => c.Timing.Poll.Value)),
            new Seconds(counted.Max(c => c.Timing.Averaging.Value)),
            new Watts(counted.Sum(c => c.Resolution.Value)),
            new Seconds(counted.Max(c => c.Timing.Staleness.Value)),
            PowerReadout.Samples);
    }

    private static bool IsMeant(SysfsChannel channel, PowerSourceEntry entry)
    {
        // "1-0040" is bus 1, address 0x40 in hexadecimal; both are decimal or hexadecimal in the device file.
        string[] place = channel.Place.Split('-');
        bool HasPart(int index, int? wanted, NumberStyles style) =>
            wanted is null || (place.Length == 2 && int.TryParse(place[index], style, CultureInfo.InvariantCulture, out int value) && value == wanted);
        return (entry.Path is null || string.Equals(entry.Path, channel.Chip, StringComparison.OrdinalIgnoreCase))
            && HasPart(0, entry.Bus, NumberStyles.None)
            && HasPart(1, entry.Address, NumberStyles.AllowHexSpecifier);
    }

    private static SysfsChannel Choose(RailEntry rail, SysfsChannel[] candidates, PowerSourceEntry entry)
    {
        SysfsChannel[] found = rail.Label is { } label
            ? [.. candidates.Where(c => string.Equals(c.Label, label, StringComparison.OrdinalIgnoreCase))]
            : rail.Channel is { } number
                ? [.. candidates.Where(c => c.Number == number)]
                : [.. candidates.Where(c => string.Equals(c.Label, rail.Name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0 && rail.Label is null && rail.Channel is null && entry.Rails.Count == 1 && candidates.Length == 1)
        {
            // A part with one reading needs no label.
            found = candidates;
        }

        return found.Length switch
        {
            1 => found[0],
            0 => throw new SensorException($"rail '{rail.Name}'{(rail.Label is null ? "" : $" (label '{rail.Label}')")} is not on this board. {Known(candidates)}"),
            _ => throw new SensorException(
                $"rail '{rail.Name}' is there {found.Length} times: {string.Join(", ", found.Select(f => f.Description))}. Counting both would count power twice: name one in the device file, with path (the chip's name), bus and address, or label"),
        };
    }

    private static string Wanted(PowerSourceEntry entry)
    {
        string path = entry.Path is null ? "" : $"'{entry.Path}' ";
        string bus = entry.Bus is null ? "" : $"on bus {entry.Bus} ";
        string address = entry.Address is null ? "" : $"at 0x{entry.Address:x2} ";
        return $"{path}{bus}{address}".TrimEnd();
    }

    private static string Known(IReadOnlyList<SysfsChannel> channels) => channels.Count == 0
        ? "The kernel offers none at all: is the driver loaded (modprobe ina2xx, modprobe ina3221) and the part in the device tree?"
        : $"The kernel offers {string.Join(", ", channels.Take(32).Select(c => c.Description))}";
}
