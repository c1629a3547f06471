using System.Text.RegularExpressions;
using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Rapl;

/// <summary>One energy counter of the powercap framework (Documentation/power/powercap/powercap.rst).</summary>
/// <param name="Name">package-0, package-0/dram, psys…</param>
/// <param name="EnergyPath">Counter in microjoules.</param>
/// <param name="RangeMicrojoules">The counter starts again at 0 above this.</param>
internal sealed partial record RaplZone(string Name, string EnergyPath, long RangeMicrojoules)
{
    public bool IsPackage => Name.StartsWith("package-", StringComparison.Ordinal) && !Name.Contains('/', StringComparison.Ordinal);

    public bool IsPlatform => Name == "psys";

    /// <summary>Inside a package's counter.</summary>
    public bool IsInsidePackage => Name.EndsWith("/core", StringComparison.Ordinal) || Name.EndsWith("/uncore", StringComparison.Ordinal);

    /// <summary>Packages and the memory beside them are disjoint; the rest is inside of one of them or around all.</summary>
    public RailRole Role => IsPackage || Name.EndsWith("dram", StringComparison.Ordinal) ? RailRole.Part : RailRole.Detail;

    /// <summary>Zones of the machine, packages first. Not those of intel-rapl-mmio: they show the package's counter a second time.</summary>
    public static IReadOnlyList<RaplZone> Find(PowerSourceContext context)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var zones = new List<RaplZone>();
        foreach (string folder in KernelFolder.Folders(context.PathOf("sys/class/powercap"), "intel-rapl:*"))
        {
            Match match = FolderName().Match(Path.GetFileName(folder));
            if (!match.Success || KernelFile.Text(Path.Combine(folder, "name")) is not { } name)
            {
                continue;
            }

            names[match.Value] = name;
            string parent = names.GetValueOrDefault($"intel-rapl:{match.Groups[1].Value}") is { } above && match.Groups[2].Success ? above + "/" : "";
            long range = KernelFile.Integer(Path.Combine(folder, "max_energy_range_uj")) ?? 0;
            zones.Add(new RaplZone(parent + name, Path.Combine(folder, "energy_uj"), range));
        }

        return [.. zones.OrderBy(z => z.IsPackage ? 0 : z.Role == RailRole.Part ? 1 : 2).ThenBy(z => z.Name, StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"^intel-rapl:(\d{1,4})(:\d{1,4})?$", RegexOptions.CultureInvariant)]
    private static partial Regex FolderName();
}
