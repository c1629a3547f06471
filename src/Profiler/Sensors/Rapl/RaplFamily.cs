using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Rapl;

/// <summary>Running Average Power Limit: energy counters of x86 processors, through the powercap framework of Linux.</summary>
public sealed class RaplFamily : IPowerSourceFamily
{
    public string Kind => "rapl";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<RaplZone> zones = RaplZone.Find(context);
        if (zones.Count == 0)
        {
            throw new SensorException(
                $"{context.PathOf("sys/class/powercap")} has no energy counter of the processor: load the driver (sudo modprobe intel_rapl_msr); virtual machines and Arm processors have none");
        }

        // One rail that names no zone stands for all that the processor has.
        bool all = entry.Rails is [{ Label: null } only] && zones.All(z => z.Name != only.Name);
        RaplZone[] chosen = all ? [.. zones] : [.. entry.Rails.Select(rail => Choose(rail, zones))];
        PowerRail[] rails = all ? [.. zones.Select(z => new PowerRail(z.Name, z.Role))] : [.. entry.Rails.Select(r => new PowerRail(r.Name, r.Role))];
        RefuseOverlap(chosen, rails);
        foreach (RaplZone zone in chosen)
        {
            if (Fault(zone) is { } problem)
            {
                throw new SensorException(problem);
            }
        }

        return new RaplPowerSource(chosen, rails, context);
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<RaplZone> zones = RaplZone.Find(context);
        if (zones.Count == 0)
        {
            yield break;
        }

        RailEntry[] rails = [.. zones.Select(z => new RailEntry(z.Name, z.Name, null, null, z.Role))];
        KernelFault fault = KernelFault.None;
        RaplZone? broken = zones.FirstOrDefault(z => (fault = FaultOf(z)) != KernelFault.None);
        yield return new DiscoveredSource(
            "RAPL (powercap)",
            new PowerSourceEntry(Kind, null, null, rails),
            [.. rails.Select(r => new PowerRail(r.Name, r.Role))],
            RaplPowerSource.TraitsOfAll,
            broken is null ? null : fault == KernelFault.Denied ? KernelFile.Describe(broken.EnergyPath, fault) : Describe(broken, fault),
            broken is null ? null : fault == KernelFault.Denied ? DeniedFix : "See dmesg for the words of the driver intel_rapl_msr");
    }

    internal const string DeniedFix =
        "Since Linux 5.10 only root reads these counters (CVE-2020-8694). Run as root, or until the next boot: sudo chmod a+r /sys/class/powercap/intel-rapl:*/energy_uj, or for good, in /etc/udev/rules.d/60-rapl.rules: SUBSYSTEM==\"powercap\", ACTION==\"add\", RUN+=\"/bin/chmod a+r /sys%p/energy_uj\"";

    internal static string Denied(string path) => $"{KernelFile.Describe(path, KernelFault.Denied)}. {DeniedFix}";

    private static RaplZone Choose(RailEntry rail, IReadOnlyList<RaplZone> zones)
    {
        string wanted = rail.Label ?? rail.Name;
        RaplZone[] found = [.. zones.Where(z => z.Name == wanted)];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new SensorException($"the processor has no energy counter '{wanted}'; it has {string.Join(", ", zones.Select(z => z.Name))}"),
            _ => throw new SensorException($"{found.Length} counters are called '{wanted}' ({string.Join(", ", found.Select(z => z.EnergyPath))}); counting both would count power twice"),
        };
    }

    // Others have summed package, core, uncore and psys, and so counted the same energy up to three times.
    private static void RefuseOverlap(RaplZone[] zones, PowerRail[] rails)
    {
        RaplZone[] summed = [.. PowerRail.Summed(rails).Select(i => zones[i])];
        RaplZone? inner = summed.FirstOrDefault(z => z.IsInsidePackage);
        RaplZone? outer = summed.FirstOrDefault(z => z.IsPlatform) ?? summed.FirstOrDefault(z => z.IsPackage);
        RaplZone? second = outer is { IsPlatform: true } ? summed.FirstOrDefault(z => !z.IsPlatform) : inner;
        if (outer is not null && second is not null && outer != second)
        {
            throw new SensorException($"the rails {outer.Name} and {second.Name} overlap: their sum would count energy twice. Mark one of them 'detail: true' in the device file");
        }
    }

    private static KernelFault FaultOf(RaplZone zone)
    {
        KernelFault fault = KernelFile.Probe(zone.EnergyPath);
        return fault == KernelFault.None && zone.RangeMicrojoules <= 0 ? KernelFault.NoRange : fault;
    }

    private static string? Fault(RaplZone zone) => Describe(zone, FaultOf(zone));

    private static string? Describe(RaplZone zone, KernelFault fault) => fault switch
    {
        KernelFault.None => null,
        KernelFault.Denied => Denied(zone.EnergyPath),
        KernelFault.NoRange => $"max_energy_range_uj beside {zone.EnergyPath} is no number above 0: where its counter wraps is not known",
        _ => KernelFile.Describe(zone.EnergyPath, fault),
    };
}
