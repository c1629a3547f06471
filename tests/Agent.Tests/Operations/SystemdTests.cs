using System.Diagnostics;
using System.Globalization;
using EdgePrune.Agent.Service.Systemd;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>The real process, started as systemd starts it.</summary>
public sealed class SystemdTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Says_that_it_is_ready_feeds_the_watchdog_while_it_runs_and_says_that_it_stops(bool abstractSocket)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is Linux's");
        using var temp = new TempFolder();
        using var systemd = new NotifySocket(abstractSocket ? $"@edgeprune-test-{Guid.NewGuid():N}" : temp.File("notify"));
        using Process agent = Start(temp, systemd.Address, TimeSpan.FromSeconds(3));
        try
        {
            Assert.Equal("READY=1", await systemd.NextAsync(TimeSpan.FromSeconds(60)));
            await systemd.NextAsync("STATUS=no model in service");
            Assert.Equal("WATCHDOG=1", await systemd.NextAsync("WATCHDOG="));
            Assert.Equal("WATCHDOG=1", await systemd.NextAsync("WATCHDOG="));
            Assert.Equal(0, await HealthCommand.RunAsync(Path.Combine(temp.Path, "agent.sock")));
            if (!abstractSocket)
            {
                await Signal(agent, "STOP");
                await Task.Delay(300, Cancel);
                systemd.Drain();
                await Task.Delay(2000, Cancel); // twice the time in which one is due
                Assert.True(systemd.IsSilent);
                await Signal(agent, "CONT");
                await systemd.NextAsync("WATCHDOG=");
            }

            await Signal(agent, "TERM");
            Assert.Equal("STOPPING=1", await systemd.NextAsync("STOPPING="));
            await agent.WaitForExitAsync(Cancel);
            Assert.Equal(0, agent.ExitCode);
        }
        finally
        {
            agent.Kill();
        }
    }

    [Fact]
    public async Task Asking_for_the_health_of_a_service_that_is_not_there_says_so()
    {
        using var temp = new TempFolder();
        Onnx.InputException e = await Assert.ThrowsAsync<Onnx.InputException>(() => HealthCommand.RunAsync(temp.File("none.sock")));
        Assert.Contains("no service answers at", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "7", 30.0)]
    [InlineData("30000000", "8", null)]
    [InlineData("30000000", "x", null)]
    [InlineData(null, "7", null)]
    [InlineData("", "", null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("9223372036854775807", null, null)]
    [InlineData("1e6", null, null)]
    public void Reads_the_interval_of_the_watchdog_only_where_it_is_meant_for_this_process(string? microseconds, string? process, double? seconds) =>
        Assert.Equal(seconds, WatchdogInterval.Parse(microseconds, process, 7)?.TotalSeconds);

    // The shell becomes the agent, so that the agent has the number that the shell knows as its own.
    private static Process Start(TempFolder temp, string notify, TimeSpan watchdog)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList =
            {
                "-c", "export SYSTEMD_EXEC_PID=$$ WATCHDOG_PID=$$; exec dotnet \"$0\" --config \"$1\"",
                Path.Combine(AgentFolder.Program, "edgeprune-agent.dll"), AgentFolder.Configure(temp.Path),
            },
            Environment =
            {
                ["NOTIFY_SOCKET"] = notify,
                ["WATCHDOG_USEC"] = (watchdog.TotalMilliseconds * 1000).ToString(CultureInfo.InvariantCulture),
                ["RUNTIME_DIRECTORY"] = temp.Path,
                ["INVOCATION_ID"] = "0123456789abcdef0123456789abcdef",
            },
        };
        return Process.Start(start)!;
    }

    private static async Task Signal(Process process, string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancel);
    }
}
