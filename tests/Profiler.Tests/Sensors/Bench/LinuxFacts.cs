namespace EdgePrune.Profiler.Tests.Sensors.Bench;

/// <summary>What the tests of kernel interfaces need: <c>Fact(SkipUnless = nameof(IsLinux), SkipType = typeof(LinuxFacts))</c>.</summary>
public static class LinuxFacts
{
    public static bool IsLinux => OperatingSystem.IsLinux();

    public const string Why = "sysfs is an interface of Linux";
}
