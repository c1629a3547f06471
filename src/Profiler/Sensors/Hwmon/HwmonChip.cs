using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Hwmon;

/// <summary>One chip of the kernel's hardware monitoring (Documentation/hwmon/sysfs-interface.rst).</summary>
/// <param name="Name">What its driver calls it.</param>
/// <param name="Place">Bus and address, or else the folder's name.</param>
/// <param name="Folder">Folder with its attributes.</param>
/// <param name="Files">Names of the attributes.</param>
internal sealed record HwmonChip(string Name, string Place, string Folder, IReadOnlySet<string> Files)
{
    private static readonly string[] Drivers = ["ina3221", "ina2xx"];

    /// <summary>Every chip under a root, sorted by place so that the order does not depend on hwmon numbers.</summary>
    public static IReadOnlyList<HwmonChip> Find(PowerSourceContext context)
    {
        // The class folder has all chips; where it is not mounted (some containers), the drivers' own folders still may be.
        IEnumerable<string> folders = KernelFolder.Folders(context.PathOf("sys/class/hwmon"), "hwmon*");
        if (!folders.Any())
        {
            folders = Drivers
                .SelectMany(driver => KernelFolder.Folders(context.PathOf($"sys/bus/i2c/drivers/{driver}")))
                .SelectMany(device => KernelFolder.Folders(Path.Combine(device, "hwmon"), "hwmon*"));
        }

        return [.. folders.Select(Read).OfType<HwmonChip>().OrderBy(c => c.Place, StringComparer.Ordinal)];
    }

    public string File(string attribute) => Path.Combine(Folder, attribute);

    public bool Has(string attribute) => Files.Contains(attribute);

    private static HwmonChip? Read(string folder)
    {
        // Before Linux 3.13 drivers put their attributes into the device's folder.
        foreach (string attributes in new[] { folder, Path.Combine(folder, "device") })
        {
            if (KernelFile.Text(Path.Combine(attributes, "name")) is { } name)
            {
                string place = KernelFolder.LinkName(Path.Combine(folder, "device")) ?? Above(folder) ?? Path.GetFileName(folder);
                return new HwmonChip(name, place, attributes, KernelFolder.FileNames(attributes).ToHashSet(StringComparer.Ordinal));
            }
        }

        return null;
    }

    // …/1-0040/hwmon/hwmon3
    private static string? Above(string folder) =>
        Path.GetDirectoryName(folder) is { } parent && Path.GetFileName(parent) == "hwmon" && Path.GetDirectoryName(parent) is { } device && Path.GetFileName(device) is not "class"
            ? Path.GetFileName(device)
            : null;
}
