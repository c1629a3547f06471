using System.Globalization;
using System.Runtime.InteropServices;
#if DEVICE_PACKAGES
using EdgePrune.Profiler.Sensors.Packages;
#endif

namespace EdgePrune.Profiler.Timing;

/// <summary>State of the machine around a measurement. What the system does not tell is null, never made up.</summary>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="Governor">Frequency governor of the first core.</param>
/// <param name="FrequencyMHz">Its current frequency.</param>
/// <param name="TemperatureCelsius">Hottest thermal zone; the processor's temperature by Iot.Device.CpuTemperature where there is no zone.</param>
/// <param name="ThrottleEvents">Throttle events of all cores since boot.</param>
/// <param name="Load">Load average of the last minute.</param>
public sealed record Conditions(
    int Cores, string? Governor, double? FrequencyMHz, double? TemperatureCelsius, long? ThrottleEvents, double? Load)
{
    private const string Cpu = "/sys/devices/system/cpu";

    /// <summary>Reads the machine that this runs on.</summary>
    public static Conditions Read()
    {
        Conditions read = Read("/");
#if DEVICE_PACKAGES
        if (read.TemperatureCelsius is null && CpuThermometer.TryRead(out double celsius) && IsPlausible(celsius))
        {
            return read with { TemperatureCelsius = celsius };
        }
#endif
        return read;
    }

    /// <summary>Reads from files below <paramref name="root"/>; for tests.</summary>
    internal static Conditions Read(string root)
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && root == "/")
        {
            return new Conditions(Environment.ProcessorCount, null, null, null, null, null);
        }

        string At(string path) => root + path;
        double? hottest = null;
        foreach (string zone in Folders(At("/sys/class/thermal"), "thermal_zone*"))
        {
            if (Number(Path.Combine(zone, "temp")) / 1000 is { } celsius && IsPlausible(celsius))
            {
                hottest = Math.Max(hottest ?? celsius, celsius);
            }
        }

        long? throttled = null;
        foreach (string core in Folders(At(Cpu), "cpu*"))
        {
            if (Number(Path.Combine(core, "thermal_throttle", "core_throttle_count")) is { } count)
            {
                throttled = (throttled ?? 0) + (long)count;
            }
        }

        string? load = Text(At("/proc/loadavg"))?.Split(' ')[0];
        return new Conditions(
            Environment.ProcessorCount,
            Text(At($"{Cpu}/cpu0/cpufreq/scaling_governor")),
            Number(At($"{Cpu}/cpu0/cpufreq/scaling_cur_freq")) / 1000,
            hottest,
            throttled,
            load is not null && double.TryParse(load, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null);
    }

    // Some sensors answer nonsense while they are off.
    private static bool IsPlausible(double celsius) => celsius is > -50 and < 200;

    private static string[] Folders(string parent, string pattern)
    {
        try
        {
            return Directory.Exists(parent) ? Directory.GetDirectories(parent, pattern) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static double? Number(string path) =>
        double.TryParse(Text(path), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static string? Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
