using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Onnx.Sessions;

/// <summary>How ONNX Runtime is to execute a model.</summary>
public sealed record SessionSettings
{
    private const int MaxThreads = 1024;

    /// <summary>One thread, CPU, all optimisations: what measurements use unless told otherwise.</summary>
    public static SessionSettings Default { get; } = new();

    /// <summary>Threads inside one operator; 0 lets the runtime choose.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Execution provider by the runtime's name: CPU, CUDA, TensorRT, XNNPACK, …</summary>
    public string Provider { get; init; } = "CPU";

    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>Idle threads wait by spinning, which costs power; off unless asked for.</summary>
    public bool AllowSpinning { get; init; }

    /// <summary>Where the runtime writes the model as it will execute it, or null.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Options for one session. The caller disposes them.</summary>
    /// <exception cref="InputException">The provider is not in this build of ONNX Runtime, or the thread count is out of range.</exception>
    public SessionOptions ToOptions()
    {
        if (Threads is < 0 or > MaxThreads)
        {
            throw new InputException($"{Threads} threads: 0 (the runtime chooses) to {MaxThreads} can be used");
        }

        _ = OnnxRuntimeEnvironment.Instance;
        var options = new SessionOptions();
        try
        {
            options.GraphOptimizationLevel = Optimization;
            options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL;
            options.IntraOpNumThreads = Threads;
            options.InterOpNumThreads = 1;
            options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", AllowSpinning ? "1" : "0");
            if (OptimizedModelPath is not null)
            {
                options.OptimizedModelFilePath = OptimizedModelPath;
            }

            AppendProvider(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }

    private void AppendProvider(SessionOptions options)
    {
        string wanted = Provider.Replace("ExecutionProvider", "", StringComparison.OrdinalIgnoreCase);
        if (wanted.Equals("CPU", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        string[] available = OnnxRuntimeEnvironment.Instance.GetAvailableProviders();
        string? name = available.Select(a => a.Replace("ExecutionProvider", "", StringComparison.Ordinal))
            .FirstOrDefault(a => a.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        if (name is null)
        {
            throw new InputException($"execution provider '{Provider}' is not in this build of ONNX Runtime; it has {string.Join(", ", available)}");
        }

        try
        {
            switch (name.ToUpperInvariant())
            {
                case "CUDA":
                    options.AppendExecutionProvider_CUDA();
                    break;
                case "TENSORRT":
                    options.AppendExecutionProvider_Tensorrt();
                    break;
                case "COREML":
                    options.AppendExecutionProvider("CoreML");
                    break;
                default:
                    options.AppendExecutionProvider(name.ToUpperInvariant());
                    break;
            }
        }
        catch (OnnxRuntimeException refused)
        {
            throw new InputException($"execution provider '{Provider}' cannot be used here: {refused.Message}", refused);
        }
    }
}
