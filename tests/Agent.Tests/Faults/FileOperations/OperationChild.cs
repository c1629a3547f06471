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
    public static OperationChild Start(string library) => Start(library, null, [], preload: true);

    /// <param name="library">From <see cref="Shim.Require"/>.</param>
    /// <param name="wrapper">A program that starts it; null: none.</param>
    /// <param name="arguments">Of that program; the command line that it shall start comes after them.</param>
    /// <param name="preload">Whether the library stands in the way of everything, or only keeps the marks.</param>
    public static OperationChild Start(string library, string? wrapper, IEnumerable<string> arguments, bool preload)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string[] command = [dotnet, Path.Combine(AppContext.BaseDirectory, "Agent.CrashChild.dll"), "operations", library];
        string[] line = wrapper is null ? command : [wrapper, .. arguments, .. command];
        var start = new ProcessStartInfo(line[0], line[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (preload)
        {
            start.Environment["LD_PRELOAD"] = library;
        }

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
