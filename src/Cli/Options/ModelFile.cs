using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Cli.Options;

/// <summary>Models that the user names: untrusted, so each is run once in a child process before this process touches it.</summary>
internal static class ModelFile
{
    /// <summary>Environment variable: seconds that a trial may take. A slow board may need more than the default for a large model.</summary>
    public const string SecondsVariable = "EDGEPRUNE_TRIAL_SECONDS";

    /// <summary>Environment variable: MiB of memory that a trial may take. A board that serves may want to spare less.</summary>
    public const string MemoryVariable = "EDGEPRUNE_TRIAL_MIB";

    private const long MostSeconds = 86_400;
    private const long MostMemory = 1L << 30;

    /// <exception cref="InputException">The file is no sound model, or running it fails or ends the process that runs it.</exception>
    /// <exception cref="CommandFailure">One of the environment variables is no number in its range.</exception>
    public static OnnxModel Load(string path, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        TrialLimits limits = Limits();
        OnnxModel model = OnnxModel.Load(path);
        string[] inputs = [.. model.Graph.Input.Select(i => i.Name)];
        if (shapes?.Keys.FirstOrDefault(k => !inputs.Contains(k, StringComparer.Ordinal)) is { } unknown)
        {
            throw new InputException($"--shape names '{unknown}', which is no input of {path}; its inputs are {string.Join(", ", inputs)}");
        }

        ModelTrial.Check(model, shapes, limits);
        // Nothing behind this point need know that a file may hold its weights in another form.
        return SparseStorage.Expand(model);
    }

    private static TrialLimits Limits()
    {
        TrialLimits limits = TrialLimits.Default;
        if (TryRead(SecondsVariable, MostSeconds, out long seconds))
        {
            limits = limits with { Time = TimeSpan.FromSeconds(seconds) };
        }

        return TryRead(MemoryVariable, MostMemory, out long memory) ? limits with { MemoryBytes = memory << 20 } : limits;
    }

    private static bool TryRead(string variable, long most, out long value)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(text))
        {
            value = 0;
            return false;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= 1 && value <= most
            ? true
            : throw CommandFailure.Usage($"the environment variable {variable} is '{text}'; give a whole number from 1 to {most}, or unset it");
    }
}
