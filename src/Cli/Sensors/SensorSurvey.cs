using EdgePrune.Cli.Documents;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Sensors;

/// <summary>Finds the sources of power readings of a machine and says which one a device's energies come from.</summary>
internal static class SensorSurvey
{
    public static SensorsDocument Of(Device device, PowerSourceContext machine) =>
        new(device.Name, Origin(device, machine), [.. Discover(machine).Select(Found)]);

    /// <summary>Everything that every family finds.</summary>
    public static IReadOnlyList<DiscoveredSource> Discover(PowerSourceContext machine) =>
        [.. PowerSources.Families.SelectMany(family => family.Discover(machine))];

    /// <summary>The source to read: the device's own, or, where it has none, the first one that is found.</summary>
    /// <exception cref="SensorException">The device's source cannot be used.</exception>
    /// <exception cref="CommandFailure">The device has no sensor and none was found.</exception>
    public static IPowerSource Open(Device device, PowerSourceContext machine)
    {
        if (PowerSources.Open(device, machine) is { } own)
        {
            return own;
        }

        IReadOnlyList<DiscoveredSource> found = Discover(machine);
        DiscoveredSource? usable = found.FirstOrDefault(s => s.IsUsable && PowerRail.Summed(s.Rails).Count > 0);
        if (usable is not null)
        {
            return PowerSources.Open(usable.Entry, machine);
        }

        string why = found.FirstOrDefault(s => !s.IsUsable) is { } broken ? $"{broken.Name}: {broken.Problem}. {broken.Fix}" : "none was found on this machine";
        throw CommandFailure.DeviceUnavailable($"device {device.Name} names no power sensor, and {why}. 'edgeprune sensors' lists what there is; energies are modelled without one");
    }

    private static EnergyOrigin Origin(Device device, PowerSourceContext machine)
    {
        PowerSourceEntry? entry = device.Sources.FirstOrDefault(s => s.Kind != PowerSourceEntry.Modelled);
        if (entry is null)
        {
            Provenance modelled = new EnergyModel(device).Provenance;
            return new EnergyOrigin(PowerSourceEntry.Modelled, modelled.Source, modelled.Word, [.. device.Sources.SelectMany(s => s.Rails).Select(r => new SensorRail(r.Name, RoleName(r.Role)))], null);
        }

        try
        {
            using IPowerSource source = PowerSources.Open(entry, machine);
            return new EnergyOrigin(entry.Kind, source.Name, source.Provenance.Word, Rails(source.Rails), null);
        }
        catch (SensorException unusable)
        {
            return new EnergyOrigin(entry.Kind, entry.Kind, null, [], unusable.Message);
        }
    }

    private static FoundSensor Found(DiscoveredSource source)
    {
        PowerTraits? traits = source.Traits;
        return new FoundSensor(
            source.Entry.Kind,
            source.Name,
            source.IsUsable,
            traits is null ? null : traits.Readout == PowerReadout.Samples ? "samples" : "energy_counter",
            traits is { Period.Value: > 0 } ? 1 / traits.Period.Value : null,
            traits is { Averaging.Value: > 0 } ? traits.Averaging.Milliseconds : null,
            traits is { Staleness.Value: > 0 } ? traits.Staleness.Milliseconds : null,
            traits is { Resolution.Value: > 0 } ? traits.Resolution.Value * 1e3 : null,
            Rails(source.Rails),
            source.Problem,
            source.Fix,
            source.IsUsable ? DeviceFileText.Of(source.Entry) : null);
    }

    private static IReadOnlyList<SensorRail> Rails(IReadOnlyList<PowerRail> rails) => [.. rails.Select(r => new SensorRail(r.Name, RoleName(r.Role)))];

    public static string RoleName(RailRole role) => role.ToString().ToLowerInvariant();
}
