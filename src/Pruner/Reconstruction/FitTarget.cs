using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// What a layer of the pruned model should make: <c>scale · (value of the original − other value of the pruned model) + offset</c>, by output.
/// </summary>
/// <param name="Value">The value of the original.</param>
/// <param name="Other">The value of the pruned model that is subtracted, or null.</param>
/// <param name="Scale">Null for one.</param>
/// <param name="Offset">Null for zero.</param>
internal sealed record FitTarget(string Value, string? Other, double[]? Scale, double[]? Offset)
{
    // Normalisations that scale a channel to next to nothing are not undone further than this.
    private const double LeastGain = 1e-3;

    /// <summary>What the layer makes in the original.</summary>
    public static FitTarget Of(LinearLayer layer) => new(layer.Output, null, null, null);

    /// <summary>
    /// For a layer that ends a residual branch, itself or through a BatchNormalization: what it has to make so that the sum is that of the
    /// original although the other operand is not. Null where it ends none.
    /// </summary>
    /// <param name="graph">The pruned graph.</param>
    /// <param name="index">Its index.</param>
    /// <param name="layer">The layer.</param>
    public static FitTarget? OfSum(GraphProto graph, GraphIndex index, LinearLayer layer)
    {
        string value = layer.Output;
        double[] gain = [.. Enumerable.Repeat(1.0, layer.Outputs)];
        double[] shift = new double[layer.Outputs];
        if (Only(index, value) is { OpType: "BatchNormalization" } normal && normal.Input[0] == value)
        {
            float[][] constants = [.. Enumerable.Range(1, 4).Select(i => index.Constant(normal.Input[i]) is { } c ? TensorReader.ToFloats(c) : [])];
            if (constants.Any(c => c.Length != layer.Outputs))
            {
                return null;
            }

            double epsilon = normal.Find("epsilon") is { HasF: true } e ? e.F : 1e-5f;
            for (int o = 0; o < gain.Length; o++)
            {
                gain[o] = constants[0][o] / Math.Sqrt(constants[3][o] + epsilon);
                shift[o] = constants[1][o] - (constants[2][o] * gain[o]);
            }

            value = normal.Output[0];
        }

        if (Only(index, value) is not { OpType: "Add" } sum || sum.Input[0] == sum.Input[1])
        {
            return null;
        }

        string other = sum.Input[0] == value ? sum.Input[1] : sum.Input[0];
        bool isComputed = index.Inputs.Any(i => i.Name == other)
            || (index.Constant(other) is null && index.Producer(other) is { } producer && graph.Node.IndexOf(producer) < graph.Node.IndexOf(layer.Node));
        if (!isComputed)
        {
            return null;
        }

        double least = LeastGain * gain.Max(Math.Abs);
        double[] scale = Array.ConvertAll(gain, g => 1 / (Math.Abs(g) >= least ? g : g < 0 ? -least : least));
        return least == 0 ? null : new FitTarget(sum.Output[0], other, scale, [.. scale.Zip(shift, (s, d) => -s * d)]);
    }

    private static NodeProto? Only(GraphIndex index, string value) =>
        !index.Outputs.Contains(value) && index.Consumers(value) is [{ } reader] && reader.IsStandard() ? reader : null;
}
