using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>What the times and averages of INA226 and INA3221 mean (SBOS547A, tables 6 to 8; SBOS576B, tables 4 to 6).</summary>
public static class Ina226Times
{
    /// <summary>All conversion times, in words for messages.</summary>
    internal const string AllTimes = "140, 204, 332, 588, 1100, 2116, 4156 or 8244";

    /// <summary>All averages, in words for messages.</summary>
    internal const string AllAverages = "1, 4, 16, 64, 128, 256, 512 or 1024";

    private static ReadOnlySpan<short> Microseconds => [140, 204, 332, 588, 1100, 2116, 4156, 8244];

    private static ReadOnlySpan<short> Averages => [1, 4, 16, 64, 128, 256, 512, 1024];

    /// <summary>Typical time of one conversion. The slowest part takes 10 % more.</summary>
    public static Seconds Duration(this Ina226Time time) => Seconds.FromMicroseconds(Microseconds[(int)time & 7]);

    public static bool TryFromMicroseconds(int microseconds, out Ina226Time time)
    {
        int index = Microseconds.IndexOf((short)Math.Clamp(microseconds, 0, short.MaxValue));
        time = (Ina226Time)Math.Max(0, index);
        return index >= 0;
    }

    /// <summary>Averages that the three bits AVG stand for.</summary>
    public static int AveragesOf(int code) => Averages[code & 7];

    /// <summary>The code for a number of averages.</summary>
    public static bool TryCodeOf(int averages, out int code)
    {
        int index = Averages.IndexOf((short)Math.Clamp(averages, 0, short.MaxValue));
        code = Math.Max(0, index);
        return index >= 0;
    }
}
