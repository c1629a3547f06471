using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>Starts a measuring child process, hears what it says, and ends it when its time is up.</summary>
internal static class MeasureProcess
{
    private const int MaxLine = 16 << 10;
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(5);

    /// <summary>Runs one measurement to its end.</summary>
    /// <param name="spec">What to do.</param>
    /// <param name="limit">Wall-clock time.</param>
    /// <param name="hear">Told how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InputException">It could not be done; the message says why.</exception>
    public static async Task RunAsync(MeasureSpec spec, TimeSpan limit, Action<MeasureLine> hear, CancellationToken cancellationToken)
    {
        (string program, string[] arguments) = OwnProgram.With(MeasureRun.Command);
        using Process process = Start(program, arguments);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(limit);
        var errors = OutputTail.Read(process.StandardError.BaseStream);
        string? failure = null;
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(spec).AsMemory(), late.Token).ConfigureAwait(false);
            await process.StandardInput.FlushAsync(late.Token).ConfigureAwait(false);
            await foreach (string text in LinesAsync(process.StandardOutput, late.Token).ConfigureAwait(false))
            {
                if (MeasureLine.Parse(text) is { } line)
                {
                    failure = line.Failed ? line.Message : failure;
                    hear(line);
                }
            }

            await process.WaitForExitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InputException($"it did not end within {limit.TotalSeconds:0} s and was stopped; ask for fewer seconds, or raise the setting limits.jobSeconds");
        }
        catch (IOException)
        {
            // The child is gone before it read its task; its exit code tells below.
        }
        finally
        {
            Kill(process);
        }

        if (failure is not null)
        {
            throw new InputException(Printable.Text(failure, keepLines: false));
        }

        if (process.ExitCode != 0)
        {
            throw new InputException($"the measuring process ended with exit code {process.ExitCode}{errors.Describe(GoodbyeLimit)}; the model may be damaged, hostile, or too large for this device");
        }
    }

    private static Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InputException($"cannot start the measuring program {program}: {e.Message}", e);
        }
    }

    // Lines that are longer than any of ours are passed over: native code may print what it likes.
    private static async IAsyncEnumerable<string> LinesAsync(StreamReader reader, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        char[] buffer = new char[4096];
        var line = new System.Text.StringBuilder();
        bool tooLong = false;
        for (int read; (read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            for (int i = 0; i < read; i++)
            {
                if (buffer[i] == '\n')
                {
                    if (!tooLong)
                    {
                        yield return line.ToString().TrimEnd('\r');
                    }

                    line.Clear();
                    tooLong = false;
                }
                else if (line.Length < MaxLine)
                {
                    line.Append(buffer[i]);
                }
                else
                {
                    tooLong = true;
                }
            }
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself, which is as good.
        }

        process.WaitForExit(GoodbyeLimit);
    }
}
