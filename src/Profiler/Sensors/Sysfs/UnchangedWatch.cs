using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>
/// Recognises a sensor that is stuck: one that says the same to the last digit, on every rail, for seconds. It counts over windows,
/// because a stuck sensor would else hide in many short ones. A board so quiet that this is true of it is below what the sensor
/// can resolve, which makes its readings as useless.
/// </summary>
internal sealed class UnchangedWatch(double longestSeconds = UnchangedWatch.FineSeconds)
{
    /// <summary>For parts whose steps are a few milliwatts: their noise alone moves them.</summary>
    public const double FineSeconds = 5;

    /// <summary>For parts whose steps are not known; some show whole watts.</summary>
    public const double UnknownSeconds = 30;

    private const int FewestReadings = 50;
    private double seconds;
    private int readings;
    private double last;

    /// <summary>A new window begins: the time between windows does not count.</summary>
    public void Begin() => last = 0;

    /// <summary>Books a round of readings.</summary>
    /// <returns>True once nothing has changed for too long.</returns>
    public bool IsStuck(Seconds now, bool changed)
    {
        seconds = changed ? 0 : seconds + Math.Max(0, now.Value - last);
        readings = changed ? 0 : readings + 1;
        last = now.Value;
        return seconds >= longestSeconds && readings >= FewestReadings;
    }

    public string Describe(string source) => string.Create(
        CultureInfo.InvariantCulture,
        $"{source}: {readings} readings over {seconds:F1} s are equal to the last digit: the sensor is stuck, or the power is below what it can resolve");
}
