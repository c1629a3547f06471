using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// One pass of the samples through a model, whose inner values go to observers as they come. Nothing is kept: a batch is as large as its
/// values fit a fixed amount of memory. Observers of different values work in parallel.
/// </summary>
internal static class ActivationPass
{
    /// <summary>Bytes that the observed values of one batch may take.</summary>
    public const long MemoryLimit = 256L << 20;

    private const int LargestBatch = 64;

    /// <summary>Runs all samples through the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of its values in the probe, which say how much memory a sample takes.</param>
    /// <param name="data">The samples.</param>
    /// <param name="observers">What looks at values; several may look at one.</param>
    /// <param name="session">Threads and provider.</param>
    /// <param name="cancel">Looked at between batches.</param>
    /// <exception cref="InputException">The samples do not fit the model, or it computes no such value.</exception>
    public static void Run(
        OnnxModel model,
        IReadOnlyDictionary<string, ValueShape> shapes,
        CalibrationData data,
        IReadOnlyCollection<IActivationObserver> observers,
        SessionSettings session,
        CancellationToken cancel)
    {
        ILookup<string, IActivationObserver> byValue = observers.ToLookup(o => o.Value, StringComparer.Ordinal);
        HashSet<string> inputs = [.. new GraphIndex(model.Graph).Inputs.Select(i => i.Name)];
        string[] computed = [.. byValue.Select(v => v.Key).Where(v => !inputs.Contains(v))];
        using ModelSession exposed = ModelSession.Create(Exposed(model, computed), session);
        long perSample = byValue.Sum(v => shapes.TryGetValue(v.Key, out ValueShape? shape) ? 4 * shape.Dims.Skip(1).Aggregate(1L, (a, d) => a * d) : 0);
        int batchSize = (int)Math.Clamp(MemoryLimit / Math.Max(1, perSample), 1, LargestBatch);
        foreach (DatasetBatch batch in data.Batches(exposed.Inputs, batchSize))
        {
            cancel.ThrowIfCancellationRequested();
            using NamedValues values = exposed.Run(batch.Values, computed.Length > 0 ? computed : null);
            Parallel.ForEach(byValue, new ParallelOptions { CancellationToken = cancel }, own =>
            {
                OrtValue value = inputs.Contains(own.Key) ? batch.Values[own.Key] : values[own.Key];
                OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
                if (info.ElementDataType != TensorElementType.Float)
                {
                    return;
                }

                foreach (IActivationObserver observer in own)
                {
                    observer.Observe(value.GetTensorDataAsSpan<float>(), info.Shape);
                }
            });
        }
    }

    /// <summary>A copy whose outputs are the values named besides its own.</summary>
    public static OnnxModel Exposed(OnnxModel model, IEnumerable<string> values)
    {
        OnnxModel copy = model.Clone();
        HashSet<string> known = [.. copy.Graph.Output.Select(o => o.Name)];
        foreach (string value in values.Where(known.Add))
        {
            copy.Graph.Output.Add(new ValueInfoProto { Name = value });
        }

        return copy;
    }
}
