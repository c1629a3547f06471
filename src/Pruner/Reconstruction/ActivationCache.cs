using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>Values of all samples at a narrow place of a model, from which its later layers are computed.</summary>
internal sealed class ActivationCache
{
    private readonly Dictionary<string, (float[] Values, long[] Dims)> values;

    private ActivationCache(Dictionary<string, (float[] Values, long[] Dims)> values, int count)
    {
        this.values = values;
        Count = count;
        Starts = values.ToDictionary(v => v.Key, v => new ValueShape(TensorElementType.Float, v.Value.Dims), StringComparer.Ordinal);
    }

    /// <summary>Samples.</summary>
    public int Count { get; }

    /// <summary>The values and their shapes, all samples along the first axis.</summary>
    public IReadOnlyDictionary<string, ValueShape> Starts { get; }

    /// <summary>The samples as the model takes them.</summary>
    /// <exception cref="InputException">An input is not float32.</exception>
    public static ActivationCache OfInputs(OnnxModel model, CalibrationData data, int batch)
    {
        using ModelSession session = ModelSession.Create(model);
        if (session.Inputs.FirstOrDefault(i => i.Type != TensorElementType.Float) is { } other)
        {
            throw new InputException($"{model.Source}: input {other} is not float32; weights are fitted only where all inputs are");
        }

        Dictionary<string, List<float>> all = session.Inputs.ToDictionary(i => i.Name, _ => new List<float>(), StringComparer.Ordinal);
        var dims = new Dictionary<string, long[]>(StringComparer.Ordinal);
        int count = 0;
        foreach (DatasetBatch values in data.Batches(session.Inputs, batch))
        {
            foreach ((string name, OrtValue value) in values.Values)
            {
                all[name].AddRange(value.GetTensorDataAsSpan<float>());
                dims[name] = value.GetTensorTypeAndShape().Shape;
            }

            count += values.Count;
        }

        return new ActivationCache(all.ToDictionary(a => a.Key, a => (a.Value.ToArray(), (long[])[count, .. dims[a.Key].Skip(1)]), StringComparer.Ordinal), count);
    }

    /// <summary>Runs a part of the model over all samples.</summary>
    /// <param name="part">Takes the values of this cache.</param>
    /// <param name="batch">Samples a run; all but the last run have as many.</param>
    /// <param name="settings">Threads and provider.</param>
    /// <param name="take">Gets the number of the first sample, how many there are, and the outputs.</param>
    /// <param name="cancel">Looked at between runs.</param>
    public void Run(OnnxModel part, int batch, SessionSettings settings, Action<int, int, NamedValues> take, CancellationToken cancel)
    {
        using ModelSession session = ModelSession.Create(part, settings);
        for (int start = 0; start < Count; start += batch)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(batch, Count - start);
            using NamedValues inputs = Slice(start, count, session.Inputs.Select(i => i.Name));
            using NamedValues outputs = session.Run(inputs);
            take(start, count, outputs);
        }
    }

    /// <summary>Values of some samples. They lie in this cache.</summary>
    public NamedValues Slice(int start, int count, IEnumerable<string> names) => new(names.Select(name =>
    {
        (float[] all, long[] dims) = values[name];
        int each = all.Length / Count;
        return KeyValuePair.Create(name, OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, all.AsMemory(start * each, count * each), [count, .. dims.Skip(1)]));
    }));

    /// <summary>The same at a later place.</summary>
    public ActivationCache Advance(OnnxModel model, string value, int batch, SessionSettings settings, CancellationToken cancel)
    {
        float[]? all = null;
        long[] dims = [];
        Run(
            SubModel.Between(model, Starts, [value]),
            batch,
            settings,
            (start, count, outputs) =>
            {
                ReadOnlySpan<float> own = outputs[value].GetTensorDataAsSpan<float>();
                all ??= new float[own.Length / count * (long)Count];
                dims = outputs[value].GetTensorTypeAndShape().Shape;
                own.CopyTo(all.AsSpan(start * (own.Length / count)));
            },
            cancel);
        return new ActivationCache(new(StringComparer.Ordinal) { [value] = (all!, [Count, .. dims.Skip(1)]) }, Count);
    }
}
