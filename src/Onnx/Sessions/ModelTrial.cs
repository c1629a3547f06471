using System.Diagnostics;
using Google.Protobuf;

namespace EdgePrune.Onnx.Sessions;

/// <summary>
/// Runs models that come from outside in a child process first, because a sound file can still hold a graph that ends the
/// process that runs it: ONNX Runtime 1.29 divides by a block size of zero, reads outside arrays at odd axes, loops for ever,
/// and takes all the memory that a shape of 10¹² elements asks for. The list is long and changes with its version, so
/// nothing here tries to name the graphs. What passes has been probed (<see cref="ShapeProbe"/>) and run with all
/// optimisations, on the same seeded inputs that the parent will use.
/// </summary>
/// <remarks>One instance tries any number of models, one at a time; a child that a model has killed is replaced for the next.</remarks>
public sealed class ModelTrial : IDisposable
{
    private readonly TrialLimits limits;
    private Process? child;

    public ModelTrial(TrialLimits? limits = null) => this.limits = limits ?? TrialLimits.Default;

    /// <summary>Tries one model in a child process of its own.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of inputs that have free dimensions, as for <see cref="ShapeProbe.Run"/>.</param>
    /// <param name="limits">Time and memory.</param>
    /// <exception cref="InputException">The model cannot be run: refused, crashed, too slow or too large.</exception>
    public static void Check(OnnxModel model, IReadOnlyDictionary<string, long[]>? shapes = null, TrialLimits? limits = null)
    {
        using var trial = new ModelTrial(limits);
        trial.Try(model, shapes);
    }

    /// <summary>Tries one model. Parameters and errors as for <see cref="Check"/>.</summary>
    public void Try(OnnxModel model, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        string source = model.Source;
        Process process = child ??= Start();
        using var late = new CancellationTokenSource(limits.Time);
        TrialReply? reply = null;
        // Writing can block as well, on a child that has stopped reading, so both directions are under the time limit.
        using (late.Token.Register(() => Kill(process)))
        {
            try
            {
                TrialProtocol.WriteRequest(process.StandardInput.BaseStream, source, model.Proto.ToByteString(), shapes);
                reply = TrialProtocol.ReadReply(process.StandardOutput);
            }
            catch (IOException)
            {
                // The child is gone; what ended it is told below.
            }
        }

        if (reply is null)
        {
            process.WaitForExit();
            string end = late.IsCancellationRequested
                ? $"it does not finish within {limits.Time.TotalSeconds:0.#} s"
                : $"it ends the process that runs it ({Reason(process.ExitCode)})";
            Stop();
            throw new InputException($"{source}: ONNX Runtime cannot run this model: {end}. This was tried in a separate process; the model is damaged or hostile, or too large for this machine");
        }

        if (reply.Refusal is { } refusal)
        {
            throw new InputException(refusal);
        }
    }

    public void Dispose() => Stop();

    private Process Start()
    {
        ProcessStartInfo start = TrialHost.StartInfo(limits);
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {start.FileName}");
        process.BeginErrorReadLine(); // thrown away, but read, or a child that complains a lot would wait for us
        return process;
    }

    private void Stop()
    {
        if (child is { } process)
        {
            child = null;
            Kill(process);
            process.Dispose();
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: false);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    // .NET reports a child that a signal ended as 128 + its number.
    private static string Reason(int code) => code switch
    {
        132 => "illegal instruction",
        134 => "failed assertion",
        135 or 139 => "memory access violation",
        136 => "division by zero",
        137 => "killed, most likely for memory",
        152 => "too much processor time",
        _ => $"exit code {code}",
    };
}
