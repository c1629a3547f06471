using System.Diagnostics;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>The unit file, in the eyes of systemd's own tools.</summary>
public sealed class UnitFileTests
{
    private const string Unit = "edgeprune-agent.service";

    [Fact]
    public async Task Systemd_finds_nothing_wrong_with_it() =>
        Assert.Equal("", await Analyze("verify", "--man=no"));

    /// <summary>systemd's own sum of what a service could do: 0 nothing, 10 everything.</summary>
    [Fact]
    public async Task Its_exposure_stays_low() =>
        Assert.Contains("Overall exposure level", await Analyze("security", "--offline=true", "--threshold=20", "--no-pager"), StringComparison.Ordinal);

    private static async Task<string> Analyze(string command, params string[] options)
    {
        using var temp = new TempFolder();
        string text = await File.ReadAllTextAsync(Path.Combine(AgentFolder.Packaging, Unit), TestContext.Current.CancellationToken);
        // The program is not installed on the machine of the tests.
        Assert.Contains("ExecStart=/opt/edgeprune/current/edgeprune-agent ", text, StringComparison.Ordinal);
        text = text.Replace("/opt/edgeprune/current/edgeprune-agent", "/bin/true", StringComparison.Ordinal).Replace("/opt/edgeprune/current/README.md", "/dev/null", StringComparison.Ordinal);
        await File.WriteAllTextAsync(temp.File(Unit), text, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("systemd-analyze", [command, .. options, temp.File(Unit)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["SYSTEMD_COLORS"] = "0" },
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("systemd-analyze is not on this machine (package systemd)");
        }

        using (process!)
        {
            Task<string> errors = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, output);
            return output;
        }
    }
}
