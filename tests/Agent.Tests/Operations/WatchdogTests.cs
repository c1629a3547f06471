using System.Collections.Concurrent;
using System.Diagnostics;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Agent.Service.Systemd;
using EdgePrune.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>The watchdog beside a real server that stops answering.</summary>
public sealed class WatchdogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_not_fed_while_the_service_hangs_and_is_again_when_it_goes_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no watchdog on Windows");
        using var temp = new TempFolder();
        using var goOn = new ManualResetEventSlim(initialState: true);
        string reason = "";
        var notifier = new Told();
        string path = temp.File("agent.sock");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => LocalStatus.Listen(options, path));
        builder.Services.AddHostedService(services => new Watchdog(
            notifier, LocalStatus.Client(path), TimeSpan.FromSeconds(0.6), services.GetRequiredService<IHostApplicationLifetime>(), TimeProvider.System, NullLogger<Watchdog>.Instance));
        await using WebApplication app = builder.Build();
        LocalStatus.Use(app, () =>
        {
            goOn.Wait(Cancel);
            return (new HealthAnswer(reason.Length == 0 ? "ok" : "degraded", null, reason.Length == 0 ? [] : [reason]), reason.Length == 0);
        });
        await app.StartAsync(Cancel);
        await notifier.Until("WATCHDOG=1", 2);
        Assert.Contains("STATUS=no model in service", notifier.All);

        goOn.Reset();
        await notifier.Until("STATUS=does not answer its own requests", 1);
        int fed = notifier.Count("WATCHDOG=1");
        await Task.Delay(1000, Cancel);
        Assert.Equal(fed, notifier.Count("WATCHDOG=1"));

        // A service that says what is wrong with it lives: a restart would not mend it.
        reason = "the model is damaged\u001b[2J\nREADY=1";
        goOn.Set();
        await notifier.Until("WATCHDOG=1", fed + 2);
        string told = Assert.Single(notifier.All, s => s.Contains("the model is damaged", StringComparison.Ordinal));
        Assert.Equal(told, told.ReplaceLineEndings(""));
        Assert.DoesNotContain('\u001b', told);
    }

    private sealed class Told : ISystemdNotifier
    {
        private readonly ConcurrentQueue<string> all = new();

        public bool IsEnabled => true;

        public IReadOnlyList<string> All => [.. all];

        public void Notify(ServiceState state) => all.Enqueue(state.ToString());

        public int Count(string text) => all.Count(t => t == text);

        public async Task Until(string text, int count)
        {
            var waited = Stopwatch.StartNew();
            while (Count(text) < count)
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"{text} has not come: {string.Join(" | ", all)}");
                await Task.Delay(20, Cancel);
            }
        }
    }
}
