using EdgePrune.Profiler.Timing;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Timing;

public sealed class ConditionsTests
{
    [Fact]
    public void What_the_system_tells_is_read()
    {
        using var root = new TempFolder();
        Write(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
        Write(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1500000\n");
        Write(root, "sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "2\n");
        Write(root, "sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "3\n");
        Write(root, "sys/class/thermal/thermal_zone0/temp", "48500\n");
        Write(root, "sys/class/thermal/thermal_zone1/temp", "-274000\n");
        Write(root, "proc/loadavg", "0.25 0.5 0.75 1/82 10371\n");
        Conditions conditions = Conditions.Read(root.Path);
        Assert.Equal(("performance", 1500.0, 48.5, 5L, 0.25),
            (conditions.Governor, conditions.FrequencyMHz, conditions.TemperatureCelsius, conditions.ThrottleEvents, conditions.Load));
    }

    [Fact]
    public void What_it_does_not_tell_is_absent()
    {
        using var root = new TempFolder();
        Assert.Equal(new Conditions(Environment.ProcessorCount, null, null, null, null, null), Conditions.Read(root.Path));
    }

    private static void Write(TempFolder root, string file, string text)
    {
        string path = Path.Combine(root.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
