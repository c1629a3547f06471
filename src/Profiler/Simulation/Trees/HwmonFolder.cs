namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>Folders and links of a chip as the kernel makes them.</summary>
internal static class HwmonFolder
{
    /// <summary>Makes <c>sys/bus/i2c/drivers/DRIVER/PLACE/hwmon/hwmonN</c> and the link to it in <c>sys/class/hwmon</c>.</summary>
    /// <returns>The folder of the attributes.</returns>
    public static string Make(string root, string driver, string name, string place, int number)
    {
        root = Path.GetFullPath(root); // links are absolute
        string device = Path.Combine(root, "sys/bus/i2c/drivers", driver, place);
        string folder = Path.Combine(device, "hwmon", $"hwmon{number}");
        Directory.CreateDirectory(folder);
        string classes = Path.Combine(root, "sys/class/hwmon");
        Directory.CreateDirectory(classes);
        Directory.CreateSymbolicLink(Path.Combine(classes, $"hwmon{number}"), folder);
        Directory.CreateSymbolicLink(Path.Combine(folder, "device"), device);
        AttributeFile.WriteOnce(Path.Combine(folder, "name"), name);
        return folder;
    }
}
