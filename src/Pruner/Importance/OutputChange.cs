using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Reconstruction;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// How far the outputs move when weights are replaced: Σ(y − y₀)² / Σ y₀² over all float outputs and samples. Runs start at the last narrow
/// place of the model before the first of the weights, whose values are kept where they take little memory.
/// </summary>
internal sealed class OutputChange
{
    private const int Batch = 64;
    private const long MemoryLimit = 512L << 20;

    private readonly ImportanceContext context;
    private readonly int batch;
    private readonly ActivationCache inputs;
    private readonly List<Dictionary<string, float[]>> reference = [];
    private readonly IReadOnlyList<(string Value, int Node)> necks;
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private ActivationCache cache;
    private int start = -1;

    /// <param name="context">The model.</param>
    /// <param name="data">The samples.</param>
    public OutputChange(ImportanceContext context, CalibrationData data)
    {
        this.context = context;
        using (ModelSession session = ModelSession.Create(context.Model))
        {
            int stated = CalibrationData.FixedBatch(session.Inputs);
            batch = stated > 0 ? stated : Batch;
        }

        cache = inputs = ActivationCache.OfInputs(context.Model, data, batch);
        necks = SubModel.Necks(context.Model.Graph);
        for (int n = 0; n < context.Model.Graph.Node.Count; n++)
        {
            foreach (string output in context.Model.Graph.Node[n].Output)
            {
                places[output] = n;
            }
        }

        Run(inputs, context.Model, (_, outputs) => reference.Add(Floats(outputs)));
    }

    /// <summary>The change with initializers in the place of those of the same name.</summary>
    /// <param name="weights">The initializers.</param>
    /// <param name="data">What the layers with these weights read.</param>
    public double Of(IReadOnlyList<TensorProto> weights, IEnumerable<string> data)
    {
        Advance(data.Min(v => places.GetValueOrDefault(v, -1)));
        OnnxModel changed = context.Model.Clone();
        var own = weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
        for (int i = 0; i < changed.Graph.Initializer.Count; i++)
        {
            if (own.TryGetValue(changed.Graph.Initializer[i].Name, out TensorProto? tensor))
            {
                changed.Graph.Initializer[i] = tensor;
            }
        }

        (double difference, double all) = (0, 0);
        Run(cache, changed, (number, outputs) =>
        {
            foreach ((string name, float[] values) in Floats(outputs))
            {
                (double d, double a) = OutputLoss.Difference(values, reference[number][name]);
                difference += d;
                all += a;
            }
        });
        return all == 0 ? 0 : difference / all;
    }

    private void Advance(int needed)
    {
        (string value, int node) = necks.LastOrDefault(n => n.Node <= needed);
        int target = value is null ? -1 : node;
        if (target < start)
        {
            (cache, start) = (inputs, -1);
        }

        if (value is not null && target > start && context.Coupling.Context.Shapes.TryGetValue(value, out ValueShape? shape)
            && 4.0 * inputs.Count * shape.Dims.Skip(1).Aggregate(1.0, (a, d) => a * d) <= MemoryLimit)
        {
            cache = cache.Advance(context.Model, value, batch, context.Session, context.Cancellation);
            start = target;
        }
    }

    private void Run(ActivationCache from, OnnxModel model, Action<int, NamedValues> take) => from.Run(
        SubModel.Between(model, from.Starts, model.Graph.Output.Select(o => o.Name)),
        batch,
        context.Session,
        (first, _, outputs) => take(first / batch, outputs),
        context.Cancellation);

    private static Dictionary<string, float[]> Floats(NamedValues outputs) => outputs
        .Where(o => o.Value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
        .ToDictionary(o => o.Key, o => o.Value.GetTensorDataAsSpan<float>().ToArray(), StringComparer.Ordinal);
}
