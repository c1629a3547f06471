using System.ComponentModel;
using System.Diagnostics;
using EdgePrune.Agent.Threads;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Deployment;

/// <summary>
/// Runs the preflight in a process of its own, so that a model that crashes the runtime, never ends or eats the memory
/// harms nothing but that process. Exit code 0 is a pass. Resident memory is looked at every few milliseconds and at
/// the kernel's own high-water mark, so a burst shows, but only once it has happened.
/// </summary>
public sealed class ChildProcessPreflight : IPreflight
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    // So long it waits for the processor to be free. On a busy board it would otherwise not end in time.
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(5);

    private readonly string _fileName;
    private readonly string[] _arguments;
    private readonly TimeSpan _timeLimit;
    private readonly long _memoryLimitBytes;
    private readonly TimeProvider _time;

    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments; the model's path follows them, and then the canaries' arguments.</param>
    /// <param name="timeLimit">Wall-clock time after which the process and all that it started are killed.</param>
    /// <param name="memoryLimitBytes">Resident memory above which they are killed.</param>
    /// <param name="timeProvider">Measures the time; null: the system's.</param>
    public ChildProcessPreflight(
        string fileName,
        IEnumerable<string> arguments,
        TimeSpan timeLimit,
        long memoryLimitBytes,
        TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileName);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeLimit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memoryLimitBytes);
        _fileName = fileName;
        _arguments = [.. arguments];
        _timeLimit = timeLimit;
        _memoryLimitBytes = memoryLimitBytes;
        _time = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">The program cannot be started.</exception>
    public PreflightResult Run(string path, CancellationToken cancellationToken) => Run(path, null, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="InputException">The program cannot be started.</exception>
    public PreflightResult Run(string path, PreflightCanaries? canaries, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long start = _time.GetTimestamp();
        using Process process = Start([path, .. canaries?.ToArguments() ?? []]);
        bool idle = GiveWay(process);
        // Both pipes are emptied all the time: a child that fills one would wait for ever.
        var output = OutputTail.Read(process.StandardOutput.BaseStream);
        var errors = OutputTail.Read(process.StandardError.BaseStream);
        string? reason = null;
        long? peak = null;
        try
        {
            process.StandardInput.Close();
            while (!process.WaitForExit(PollInterval))
            {
                peak = ProcessMemory.TryGetPeak(process, out long bytes) ? Math.Max(bytes, peak ?? 0) : peak;
                reason = OverLimit(_time.GetElapsedTime(start), peak);
                if (reason is not null || cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                if (idle && _time.GetElapsedTime(start) > IdleLimit)
                {
                    idle = false;
                    IdleScheduling.Leave(process.Id);
                }
            }
        }
        finally
        {
            if (idle && !process.HasExited)
            {
                IdleScheduling.Leave(process.Id); // to be ended takes the processor, too
            }

            Kill(process);
        }

        TimeSpan elapsed = _time.GetElapsedTime(start);
        if (reason is null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            reason = process.ExitCode == 0 ? null : $"it ended with exit code {process.ExitCode}{errors.Describe(GoodbyeLimit)}";
        }

        _ = output.Describe(GoodbyeLimit);
        return new PreflightResult(reason is null, reason, elapsed, peak);
    }

    private Process Start(IEnumerable<string> subject)
    {
        var start = new ProcessStartInfo(_fileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // It lives for a moment: to compile well, as the service has itself compiled, would take longer than it runs.
        start.Environment["DOTNET_TC_QuickJit"] = "1";
        start.Environment["DOTNET_LTTng"] = "0"; // nor is there time to look for a tracer
        foreach (string argument in _arguments.Concat(subject))
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InputException($"cannot start the preflight program {_fileName}: {e.Message}", e);
        }
    }

    // Requests that the model in service answers meanwhile come first.
    private static bool GiveWay(Process process)
    {
        try
        {
            process.PriorityClass = ProcessPriorityClass.BelowNormal; // a niceness of 10
            return IdleScheduling.TryEnter(process.Id, nice: 10);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended already, or this system does not let it.
            return false;
        }
    }

    private string? OverLimit(TimeSpan elapsed, long? memory)
    {
        if (memory > _memoryLimitBytes)
        {
            return $"it used more memory than allowed ({memory} of {_memoryLimitBytes} bytes) and was killed";
        }

        return elapsed > _timeLimit
            ? $"it did not end within {_timeLimit.TotalSeconds} s and was killed"
            : null;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself meanwhile, which is as good.
        }

        // With a limit: a grandchild that got away may hold the pipes, and waiting for their end would hang.
        process.WaitForExit(GoodbyeLimit);
    }
}
