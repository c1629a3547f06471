using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EdgePrune.DeviceVm.Commands;

/// <summary>A run of edgeprune that is under way; disposing ends it.</summary>
internal sealed class RunningCommand : IDisposable
{
    private readonly Process process;
    private readonly string log;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    /// <param name="command">The program and its arguments.</param>
    /// <param name="log">File to which its messages are added as they come, with their time.</param>
    public RunningCommand(IEnumerable<string> command, string log)
    {
        this.log = log;
        string[] words = [.. command];
        process = new Process
        {
            StartInfo = new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) =>
        {
            Append(error, line.Data);
            File.AppendAllText(this.log, string.Create(CultureInfo.InvariantCulture, $"{Environment.TickCount64 / 1000.0:F1} s: {line.Data}\n"));
        };
        File.AppendAllText(log, $"{string.Join(' ', words)}\n");
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int ProcessId => process.Id;

    public bool HasExited => process.HasExited;

    /// <exception cref="TimeoutException">It has not ended in time; it is killed.</exception>
    public CommandResult Wait(TimeSpan limit)
    {
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"edgeprune had not ended after {limit.TotalSeconds} s: {output} {error}");
        }

        process.WaitForExit(); // for the rest of its output
        return new CommandResult(process.ExitCode, output.ToString().Trim(), error.ToString().Trim());
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            text.AppendLine(line);
        }
    }
}
