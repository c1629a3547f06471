using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Weight times norm of what it reads, |w_ij|·‖x_j‖₂ (Sun et al., "A Simple and Effective Pruning Approach for Large Language Models",
/// ICLR 2024). A unit has the sum over its weights, each tensor taken relative to its mean, as its sum depends on the layer's size.
/// </summary>
public sealed class WandaImportance : ActivationImportance
{
    public override string Name => "wanda";

    public override string Summary => "weight times norm of what it reads (Wanda, ICLR 2024)";

    internal override (IReadOnlyCollection<IActivationObserver> Observers, Func<double[]> Finish) Begin(ImportanceContext context)
    {
        (IReadOnlyCollection<IActivationObserver> observers, Func<IReadOnlyDictionary<string, float[]>> elements) = Watch(context);
        return (observers, () => ElementScores.OfUnits(context, Relative(elements())));
    }

    /// <summary>Watches the norms of what layers read; afterwards gives |w|·‖x‖ of every weight, by tensor.</summary>
    internal static (IReadOnlyCollection<IActivationObserver> Observers, Func<IReadOnlyDictionary<string, float[]>> Finish) Watch(ImportanceContext context)
    {
        LinearLayer[] layers = [.. LinearLayer.Of(context.Model.Graph).Where(l => context.Coupling.Context.Shapes.ContainsKey(l.Data))];
        if (layers.Length == 0)
        {
            throw new InputException($"{context.Model.Source}: has no Conv, Gemm or MatMul with constant weights, which the criterion 'wanda' reads");
        }

        var weights = new WeightTensors(context.Model);
        ChannelNorms[] norms = Array.ConvertAll(layers, layer => Norms(layer, context.Coupling.Context.Shapes[layer.Data].Dims));
        return (norms, Finish);

        IReadOnlyDictionary<string, float[]> Finish()
        {
            var elements = new Dictionary<string, float[]>(StringComparer.Ordinal);
            foreach ((LinearLayer layer, ChannelNorms norm) in layers.Zip(norms))
            {
                Add(elements, layer, weights.Values(layer.Weights)!, norm.RootMeans);
            }

            return elements;
        }
    }

    private static ChannelNorms Norms(LinearLayer layer, long[] dims)
    {
        int axis = layer.DataAxis(dims.Length);
        return new ChannelNorms(layer.Data, axis, (int)dims[axis]);
    }

    // Weights that several layers share have the sum over them.
    private static void Add(Dictionary<string, float[]> elements, LinearLayer layer, float[] weights, double[] norms)
    {
        if (!elements.TryGetValue(layer.Weights, out float[]? scores))
        {
            elements[layer.Weights] = scores = new float[weights.Length];
        }

        for (int output = 0; output < layer.Outputs; output++)
        {
            for (int column = 0; column < layer.Columns; column++)
            {
                int at = layer.Offset(output, column);
                scores[at] += (float)(Math.Abs(weights[at]) * norms[layer.InputOf(output, column)]);
            }
        }
    }

    private static Dictionary<string, float[]> Relative(IReadOnlyDictionary<string, float[]> elements) => elements.ToDictionary(
        e => e.Key,
        e =>
        {
            double sum = e.Value.Sum(v => (double)v);
            return sum == 0 ? e.Value : Array.ConvertAll(e.Value, v => (float)(v / sum));
        },
        StringComparer.Ordinal);
}
