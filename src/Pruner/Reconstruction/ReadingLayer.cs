using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>A layer that reads units, with the sums of what it reads on samples: from these all regressions follow.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Equations">Sums of each of its groups.</param>
/// <param name="Units">The unit of each index of its input; −1 for none.</param>
/// <param name="Start">Its weights and biases by group, a row an output.</param>
internal sealed record ReadingLayer(LinearLayer Layer, IReadOnlyList<NormalEquations> Equations, int[] Units, IReadOnlyList<double[,]> Start)
{
    /// <summary>Rows of the regressions, over all samples.</summary>
    public const int Rows = 1 << 15;

    // Sums of one pass over the samples.
    private const long MemoryLimit = 1L << 30;

    /// <summary>The columns of a group of the layer that belong to each unit.</summary>
    public IReadOnlyDictionary<int, int[]> Columns(int group) => Enumerable.Range(0, Layer.Columns)
        .GroupBy(c => Units[(group * Layer.Inputs) + (c / Layer.Kernel)])
        .Where(g => g.Key >= 0)
        .ToDictionary(g => g.Key, g => g.ToArray());

    /// <summary>Sums for every layer that reads units, in as many passes over the samples as memory asks for.</summary>
    /// <param name="context">The model.</param>
    /// <param name="data">The samples.</param>
    /// <param name="wanted">Which layers; those that read units where null.</param>
    /// <exception cref="InputException">There is no such layer, or the samples do not fit the model.</exception>
    public static IReadOnlyList<ReadingLayer> Observe(ImportanceContext context, CalibrationData data, Func<LinearLayer, bool>? wanted = null)
    {
        CouplingResult coupling = context.Coupling;
        var index = new GraphIndex(context.Model.Graph);
        using var kernel = new GramKernel(context.Session);
        var observers = new List<(GramObserver Observer, int[] Units)>();
        foreach (LinearLayer layer in LinearLayer.Of(context.Model.Graph))
        {
            if (coupling.Context.Shapes.TryGetValue(layer.Data, out ValueShape? shape) && coupling.Context.Shapes.TryGetValue(layer.Output, out ValueShape? output)
                && LayerRows.TryOf(layer, shape.Dims, output.Dims) is { } rows
                && (wanted is null || wanted(layer)))
            {
                int[] units = coupling.UnitsAlong(layer.Data, layer.DataAxis(shape.Dims.Length)) ?? [];
                if (wanted is null && !units.Any(u => u >= 0))
                {
                    continue;
                }

                observers.Add((new GramObserver(layer, rows, Math.Max(1, Rows / data.Count), context.Seed + observers.Count, kernel), units));
            }
        }

        if (observers.Count == 0)
        {
            throw new InputException($"{context.Model.Source}: no Conv, Gemm or MatMul with constant weights reads a unit, so that none can be scored by a regression; take l2");
        }

        for (int first = 0; first < observers.Count;)
        {
            int end = first;
            for (long bytes = 0; end < observers.Count && (end == first || bytes < MemoryLimit); end++)
            {
                bytes += observers[end].Observer.Equations.Sum(e => 8L * e.Width * e.Width);
            }

            ActivationPass.Run(
                context.Model, coupling.Context.Shapes, data, [.. observers[first..end].Select(o => o.Observer)], context.Session, context.Cancellation);
            first = end;
        }

        observers.ForEach(o => o.Observer.Finish());
        return [.. observers.Select(o => new ReadingLayer(o.Observer.Layer, o.Observer.Equations, o.Units, WeightsOf(index, o.Observer.Layer)))];
    }

    /// <summary>The tensor of weights from rows by group.</summary>
    public float[] Pack(IReadOnlyList<double[,]> rows)
    {
        float[] weights = new float[Layer.Outputs * Layer.Columns];
        for (int o = 0; o < Layer.Outputs; o++)
        {
            for (int c = 0; c < Layer.Columns; c++)
            {
                weights[Layer.Offset(o, c)] = (float)rows[o / Layer.GroupOutputs][o % Layer.GroupOutputs, c];
            }
        }

        return weights;
    }

    private static double[][,] WeightsOf(GraphIndex index, LinearLayer layer)
    {
        float[] weights = TensorReader.ToFloats(index.Constant(layer.Weights)!);
        float[]? bias = index.Constant(layer.Bias) is { } tensor ? TensorReader.ToFloats(tensor) : null;
        return [.. Enumerable.Range(0, layer.Groups).Select(group =>
        {
            double[,] rows = new double[layer.GroupOutputs, layer.Columns + 1];
            for (int i = 0; i < layer.GroupOutputs; i++)
            {
                int output = (group * layer.GroupOutputs) + i;
                for (int c = 0; c < layer.Columns; c++)
                {
                    rows[i, c] = weights[layer.Offset(output, c)];
                }

                rows[i, layer.Columns] = bias is null ? 0 : bias[bias.Length == layer.Outputs ? output : 0];
            }

            return rows;
        })];
    }
}
