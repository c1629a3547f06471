using System.Globalization;

namespace EdgePrune.Agent.Service.Systemd;

/// <summary>Reads what systemd says about its watchdog (sd_watchdog_enabled(3)).</summary>
internal static class WatchdogInterval
{
    /// <summary>How long the service may be silent; null: nobody watches this process.</summary>
    /// <param name="microseconds"><c>WATCHDOG_USEC</c>.</param>
    /// <param name="process"><c>WATCHDOG_PID</c>.</param>
    /// <param name="own">This process.</param>
    public static TimeSpan? Parse(string? microseconds, string? process, int own)
    {
        bool meant = string.IsNullOrEmpty(process)
            || (int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id == own);
        return meant
            && long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            && value is > 0 and <= long.MaxValue / TimeSpan.TicksPerMicrosecond
                ? TimeSpan.FromTicks(value * TimeSpan.TicksPerMicrosecond)
                : null;
    }

    public static TimeSpan? Read() =>
        Parse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId);
}
