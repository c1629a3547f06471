namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>Folders of sysfs, which may be missing, may not be readable and may vanish while they are listed.</summary>
internal static class KernelFolder
{
    // A machine has tens of chips and a chip tens of attributes.
    private const int Most = 4096;

    /// <summary>Full paths of the folders whose names match, sorted; empty where there is nothing to list.</summary>
    public static IReadOnlyList<string> Folders(string path, string pattern = "*") => List(path, p => Directory.EnumerateDirectories(p, pattern));

    /// <summary>Names of all files, sorted.</summary>
    public static IReadOnlyList<string> FileNames(string path) => List(path, p => Directory.EnumerateFiles(p).Select(f => Path.GetFileName(f)));

    /// <summary>Name of what a link leads to, for example the bus and address of a chip; null where it is no link.</summary>
    public static string? LinkName(string path)
    {
        try
        {
            return new DirectoryInfo(path).LinkTarget is { } target ? Path.GetFileName(Path.TrimEndingDirectorySeparator(target)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IReadOnlyList<string> List(string path, Func<string, IEnumerable<string>> list)
    {
        try
        {
            return Directory.Exists(path) ? [.. list(path).Take(Most).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
