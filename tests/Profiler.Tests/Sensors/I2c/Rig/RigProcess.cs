using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EdgePrune.Profiler.Tests.Sensors.I2c.Rig;

/// <summary>
/// I2cRig as a process of its own: its filter on system calls is for life, and must not come over the other tests.
/// </summary>
internal static class RigProcess
{
    private const int Unavailable = 77;
    private const int LongestMilliseconds = 60_000;

    /// <summary>Runs a command of the rig; skips the test where the kernel has no user notification.</summary>
    public static RigReport Run(string command, string kind, int hertz, params object[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the rig needs Linux");
        // The same dotnet that runs the tests, found from its runtime: PATH may name another or none.
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] all = [Path.Combine(AppContext.BaseDirectory, "I2cRig.dll"), command, kind, hertz.ToString(CultureInfo.InvariantCulture),
            .. arguments.Select(a => Convert.ToString(a, CultureInfo.InvariantCulture)!)];
        foreach (string argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(LongestMilliseconds))
        {
            process.Kill();
            Assert.Fail($"the rig hangs in {string.Join(' ', all)}");
        }

        string said = errors.GetAwaiter().GetResult();
        Assert.SkipWhen(process.ExitCode == Unavailable, $"the rig cannot run here: {said.Trim()}");
        Assert.True(process.ExitCode == 0, said);
        return JsonSerializer.Deserialize<RigReport>(output.GetAwaiter().GetResult())!;
    }
}
