using System.Text.RegularExpressions;
using EdgePrune.Onnx.Proto;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Sessions;

/// <summary>A model loaded into ONNX Runtime. Errors of the runtime become <see cref="InputException"/>s that name the model.</summary>
public sealed partial class ModelSession : IDisposable
{
    private readonly RunOptions runOptions = new();
    private readonly string source;
    private readonly SharedWeights? weights;

    private ModelSession(InferenceSession session, string source, SharedWeights? weights = null)
    {
        Session = session;
        this.source = source;
        this.weights = weights;
        Inputs = [.. session.InputMetadata.Where(i => weights?.Values.ContainsKey(i.Key) != true).Select(Describe)];
        Outputs = [.. session.OutputMetadata.Select(Describe)];
        OutputNames = session.OutputMetadata.Keys.ToArray(); // an array, which the runtime walks through faster than what wraps one
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

    /// <summary>A session of a model's file, which the runtime reads by itself.</summary>
    /// <param name="path">Where the file is; external data are looked for beside it.</param>
    /// <param name="source">Names the model in errors.</param>
    /// <param name="settings">Null: the default ones.</param>
    /// <exception cref="InputException">The runtime cannot read the file, or refuses the model.</exception>
    public static ModelSession Open(string path, string source, SessionSettings? settings = null)
    {
        using SessionOptions options = (settings ?? SessionSettings.Default).ToOptions();
        try
        {
            return new ModelSession(new InferenceSession(path, options), source);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new InputException($"{source}: ONNX Runtime refuses this model: {Clean(refused.Message.Replace(path, "the file", StringComparison.Ordinal))}", refused);
        }
    }

    /// <summary>
    /// A session that executes the graph as it stands, and takes little memory besides the model: its large weights are used where
    /// they lie.
    /// </summary>
    /// <param name="model">A model of the caller's own, which is used up: a copy shares its weights with the original.</param>
    /// <param name="source">Names the model in errors.</param>
    /// <exception cref="InputException">The runtime refuses the model.</exception>
    public static ModelSession CreatePlain(ModelProto model, string source)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SessionOptions options = new SessionSettings { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL }.ToOptions();
        SharedWeights weights = SharedWeights.Move(model);
        try
        {
            return new ModelSession(new InferenceSession(model.ToByteArray(), options), source, weights);
        }
        catch (OnnxRuntimeException refused)
        {
            weights.Dispose();
            throw new InputException($"{source}: ONNX Runtime refuses this model: {Clean(refused.Message)}", refused);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Runs the model once. The caller disposes the values.</summary>
    /// <param name="inputs">A value for each input of the model.</param>
    /// <param name="outputs">The outputs wanted; all where null.</param>
    /// <param name="options">Of this run, so that it can be ended early; the session's own where null.</param>
    /// <exception cref="InputException">The runtime cannot run the model on these values.</exception>
    public NamedValues Run(IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyList<string>? outputs = null, RunOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        outputs ??= OutputNames;
        try
        {
            (IReadOnlyList<string> names, IReadOnlyList<OrtValue> given) = Listed(inputs);
            return new NamedValues(outputs, Session.Run(options ?? runOptions, names, given, outputs));
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
        weights?.Dispose();
    }

    private (IReadOnlyList<string> Names, IReadOnlyList<OrtValue> Values) Listed(IReadOnlyDictionary<string, OrtValue> inputs)
    {
        if (weights is null && inputs is NamedValues listed)
        {
            return (listed.Names, listed.InOrder);
        }

        KeyValuePair<string, OrtValue>[] all = weights is null ? [.. inputs] : [.. inputs, .. weights.Values];
        return (Array.ConvertAll(all, v => v.Key), Array.ConvertAll(all, v => v.Value));
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
