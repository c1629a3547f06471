using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Console;

namespace EdgePrune.Agent.Service.Systemd;

/// <summary>What the service does when systemd has started it: says when it is ready and when it stops, feeds the watchdog, and logs with priorities.</summary>
internal static class SystemdService
{
    // Not AddSystemd(): it goes by the name of the parent process, which is another one in a container or under a supervisor.
    private const string NotifyVariable = "NOTIFY_SOCKET";

    public static void Add(IServiceCollection services, string? statusSocket, TimeProvider time)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(NotifyVariable)) || OperatingSystem.IsWindows())
        {
            return;
        }

        services.AddSingleton<ISystemdNotifier, SystemdNotifier>().AddSingleton<IHostLifetime, SystemdLifetime>();
        services.Configure<ConsoleLoggerOptions>(o => o.FormatterName = ConsoleFormatterNames.Systemd);
        if (statusSocket is null)
        {
            return; // nothing to ask, so nothing to tell beyond the beginning and the end
        }

        services.AddHostedService(provider => new Watchdog(
            provider.GetRequiredService<ISystemdNotifier>(),
            LocalStatus.Client(statusSocket),
            WatchdogInterval.Read(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            time,
            provider.GetRequiredService<ILogger<Watchdog>>()));
    }
}
