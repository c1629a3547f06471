using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>A process that acts scenarios with the library between itself and libc.</summary>
internal sealed class OperationChild : IDisposable
{
    private readonly Process process;

    private OperationChild(Process process) => this.process = process;

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <param name="library">From <see cref="Shim.Require"/>.</param>
    public static OperationChild Start(string library)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        var start = new ProcessStartInfo(dotnet, [Path.Combine(AppContext.BaseDirectory, "Agent.CrashChild.dll"), "operations", library])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LD_PRELOAD"] = library;
        return new OperationChild(Process.Start(start)!);
    }

    /// <summary>Acts a scenario and waits for its end; null: the process ended meanwhile.</summary>
    public (int Operations, string Ending)? Act(string scenario, string root, string? log = null, int failAt = 0, int failWith = 0, bool failAgain = false)
    {
        Order(scenario, root, log, failAt, failWith, failAgain);
        return process.StandardOutput.ReadLine()?.Split('\t', 2) is [var operations, var ending]
            ? (int.Parse(operations, CultureInfo.InvariantCulture), ending)
            : null;
    }

    /// <summary>Lets it begin a scenario and does not wait.</summary>
    public void Order(string scenario, string root, string? log, int failAt, int failWith, bool failAgain)
    {
        process.StandardInput.WriteLine(string.Join('\t', scenario, root, log, failAt.ToString(CultureInfo.InvariantCulture), failWith.ToString(CultureInfo.InvariantCulture), failAgain ? "again" : ""));
        process.StandardInput.Flush();
    }

    /// <summary>Ends it with SIGKILL, or waits where it has ended itself.</summary>
    public int Kill()
    {
        process.Kill();
        process.WaitForExit();
        return process.ExitCode;
    }

    public int WaitForExit()
    {
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }

        process.Dispose();
    }
}
