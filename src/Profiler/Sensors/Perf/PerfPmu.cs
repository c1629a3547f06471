using System.Globalization;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>A performance monitoring unit of the cores, as <c>/sys/bus/event_source/devices</c> shows it.</summary>
/// <param name="Name">For example armv8_cortex_a72, or cpu on x86.</param>
/// <param name="Type">The number by which perf_event_open knows it.</param>
/// <param name="Folder">Its folder in sysfs.</param>
public sealed record PerfPmu(string Name, uint Type, string Folder)
{
    private const string Devices = "sys/bus/event_source/devices";
    private const int MostPmus = 64;

    public bool IsArm => Name.StartsWith("armv8", StringComparison.Ordinal) || Name.StartsWith("armv9", StringComparison.Ordinal);

    /// <summary>The PMUs of the cores, by name; a machine with two kinds of cores has two. Empty on most virtual machines.</summary>
    public static IReadOnlyList<PerfPmu> All(string root)
    {
        string folder = Path.Combine(root, Devices);
        try
        {
            string[] names = Directory.Exists(folder)
                ? [.. Directory.EnumerateFileSystemEntries(folder).Take(1024).Select(e => Path.GetFileName(e)).Where(IsOfCores).Order(StringComparer.Ordinal).Take(MostPmus)]
                : [];
            return [.. names.Select(name => Read(Path.Combine(folder, name), name)).OfType<PerfPmu>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>What identifies the processor for a calibration: the PMU, and the model name where the PMU's name says little.</summary>
    public static string Processor(string root, IReadOnlyList<PerfPmu> pmus)
    {
        ArgumentNullException.ThrowIfNull(pmus);
        string names = pmus.Count == 0 ? "no PMU" : string.Join('+', pmus.Select(p => p.Name));
        string? model = SmallFile.Lines(Path.Combine(root, "proc/cpuinfo"))
            .Select(line => line.Split(':', 2))
            .FirstOrDefault(pair => pair.Length == 2 && pair[0].Trim() == "model name")?[1].Trim();
        return model is { Length: > 0 } ? $"{names} ({model})" : names;
    }

    /// <summary>An event of the architecture as this PMU wants it: the number that sysfs gives, or the architecture's own.</summary>
    public PerfEvent Specify(PerfEvent raw)
    {
        ArgumentNullException.ThrowIfNull(raw);
        string? given = SmallFile.Text(Path.Combine(Folder, "events", raw.Name.ToLowerInvariant()))
            ?? SmallFile.Text(Path.Combine(Folder, "events", raw.Name));
        ulong config = given is not null && given.StartsWith("event=0x", StringComparison.Ordinal)
            && ulong.TryParse(given.AsSpan("event=0x".Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number)
            && number <= ushort.MaxValue
                ? number
                : raw.Config;
        return raw with { Type = Type, Config = config };
    }

    private static bool IsOfCores(string name) =>
        name is "cpu" or "cpu_core" or "cpu_atom"
        || (name.Length <= 64 && (name.StartsWith("armv8_", StringComparison.Ordinal) || name.StartsWith("armv9_", StringComparison.Ordinal)));

    private static PerfPmu? Read(string folder, string name) =>
        uint.TryParse(SmallFile.Text(Path.Combine(folder, "type")), NumberStyles.None, CultureInfo.InvariantCulture, out uint type)
            ? new PerfPmu(name, type, folder)
            : null;
}
