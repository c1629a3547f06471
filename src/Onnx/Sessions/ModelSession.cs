using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Sessions;

/// <summary>A model loaded into ONNX Runtime. Errors of the runtime become <see cref="InputException"/>s that name the model.</summary>
public sealed partial class ModelSession : IDisposable
{
    private readonly RunOptions runOptions = new();
    private readonly string source;

    private ModelSession(InferenceSession session, string source)
    {
        Session = session;
        this.source = source;
        Inputs = [.. session.InputMetadata.Select(Describe)];
        Outputs = [.. session.OutputMetadata.Select(Describe)];
        OutputNames = [.. session.OutputMetadata.Keys];
    }

    /// <summary>The runtime's own session, for what this class does not wrap.</summary>
    public InferenceSession Session { get; }

    public IReadOnlyList<ModelInput> Inputs { get; }

    public IReadOnlyList<ModelInput> Outputs { get; }

    /// <summary>Names of the outputs, in the model's order.</summary>
    public IReadOnlyList<string> OutputNames { get; }

    /// <exception cref="InputException">The runtime refuses the model.</exception>
    public static ModelSession Create(OnnxModel model, SessionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Create(model.ToBytes(), model.Source, settings);
    }

    /// <exception cref="InputException">The runtime refuses the model.</exception>
    public static ModelSession Create(byte[] model, string source, SessionSettings? settings = null)
    {
        using SessionOptions options = (settings ?? SessionSettings.Default).ToOptions();
        try
        {
            return new ModelSession(new InferenceSession(model, options), source);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new InputException($"{source}: ONNX Runtime refuses this model: {Clean(refused.Message)}", refused);
        }
    }

    /// <summary>Runs the model once. The caller disposes the values.</summary>
    /// <param name="inputs">A value for each input of the model.</param>
    /// <param name="outputs">The outputs wanted; all where null.</param>
    /// <exception cref="InputException">The runtime cannot run the model on these values.</exception>
    public NamedValues Run(IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyList<string>? outputs = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        outputs ??= OutputNames;
        try
        {
            IDisposableReadOnlyCollection<OrtValue> values = Session.Run(runOptions, [.. inputs.Keys], [.. inputs.Values], outputs);
            return new NamedValues(outputs, values);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new InputException($"{source}: ONNX Runtime cannot run this model: {Clean(failed.Message)}", failed);
        }
    }

    public void Dispose()
    {
        runOptions.Dispose();
        Session.Dispose();
    }

    private static ModelInput Describe(KeyValuePair<string, NodeMetadata> entry) =>
        entry.Value.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR
            ? new ModelInput(entry.Key, entry.Value.ElementDataType, entry.Value.Dimensions)
            : new ModelInput(entry.Key, TensorElementType.DataTypeMax, []);

    // The runtime's messages carry source paths and line breaks that help nobody here.
    private static string Clean(string message)
    {
        string line = SourcePath().Replace(message.ReplaceLineEndings(" "), "").Trim();
        return line.Length > 400 ? line[..400] + "…" : line;
    }

    [GeneratedRegex(@"/onnxruntime_src/\S*:\d+ ")]
    private static partial Regex SourcePath();
}
