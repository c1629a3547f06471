using System.Diagnostics;
using System.Globalization;
using EdgePrune.Profiler.Sensors.Replay;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

public sealed class SensorRecordingTests
{
    [Fact]
    public async Task A_disk_that_fills_while_recording_is_told_and_leaves_a_valid_trace()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits on the size of files are set with ulimit");
        using var home = new TempFolder();
        string device = ReplayDevice(home, seconds: 20, hertz: 1000);

        // The kernel ends a write beyond the limit with an error, in the middle of a row, as a full disk does.
        (int code, string error) = await RunLimited(home, "16", ["sensors", "--device", device, "--record", "out.csv", "--for", "15s"]);

        Assert.Equal(1, code);
        Assert.Contains("cannot write out.csv: ", error, StringComparison.Ordinal);
        Assert.Contains("It holds what was recorded before", error, StringComparison.Ordinal);
        PowerTrace trace = TraceReader.Read(home.File("out.csv"));
        Assert.StartsWith("stopped: ", trace.Facts["end"], StringComparison.Ordinal);
        Assert.InRange(trace.Samples.Count, 10, 2000);
        Assert.EndsWith("\n", await File.ReadAllTextAsync(home.File("out.csv"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static string ReplayDevice(TempFolder home, int seconds, int hertz)
    {
        IEnumerable<string> rows = Enumerable.Range(0, seconds * hertz).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i / (double)hertz:F4},{5 + Math.Sin(i / 50.0):F6},1\n"));
        File.WriteAllText(home.File("in.csv"), "time_s,BOARD_W,fresh\n" + string.Concat(rows));
        string host = File.ReadAllText(Path.Combine(Repository.Root, "devices", "host.yaml"));
        string text = host.Replace("name: host", "name: replayed", StringComparison.Ordinal)
            .Replace("  - kind: modelled", $"  - kind: replay\n    path: '{home.File("in.csv")}'", StringComparison.Ordinal);
        File.WriteAllText(home.File("replayed.yaml"), text);
        return home.File("replayed.yaml");
    }

    private static async Task<(int Code, string Error)> RunLimited(TempFolder home, string blocks, string[] args)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "edgeprune.dll");
        var start = new ProcessStartInfo("sh", ["-c", $"trap '' XFSZ; ulimit -f {blocks}; exec dotnet \"$@\"", "sh", program, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Path,
        };
        // The runtime's double mapping of code is a large file in memory, which the limit would forbid.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["NO_COLOR"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _ = await output;
        return (process.ExitCode, error);
    }
}
