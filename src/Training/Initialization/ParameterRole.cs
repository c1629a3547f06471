using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Initialization;

/// <summary>What a parameter is to begin with.</summary>
/// <param name="Distribution">How its elements are drawn.</param>
/// <param name="Amount">The constant, the standard deviation, or the bound on either side.</param>
internal readonly record struct ParameterRole(ParameterDistribution Distribution, double Amount)
{
    private const double EmbeddingDeviation = 0.02;
    private const double PReluSlope = 0.25;

    private static readonly HashSet<string> Views = new(["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Cast", "Expand"], StringComparer.Ordinal);

    // What stands between a layer and its activation without changing which that is.
    private static readonly HashSet<string> Between = new(
        ["BatchNormalization", "InstanceNormalization", "GroupNormalization", "LayerNormalization", "Add", "Identity", "Dropout"], StringComparer.Ordinal);

    private static readonly HashSet<string> Rectifiers = new(
        ["Relu", "LeakyRelu", "PRelu", "Clip", "Elu", "Selu", "Celu", "Softplus", "HardSwish", "Swish", "Gelu", "FastGelu", "Mish"], StringComparer.Ordinal);

    private static readonly ParameterRole Zero = new(ParameterDistribution.Constant, 0);
    private static readonly ParameterRole One = new(ParameterDistribution.Constant, 1);

    public static ParameterRole Of(GraphIndex index, TensorProto tensor) => Of(index, tensor.Name, [.. tensor.Dims], [.. Enumerable.Range(0, tensor.Dims.Count)], 0);

    // The axes say where each axis of the value lies in the stored tensor, as far as views let it be followed.
    private static ParameterRole Of(GraphIndex index, string value, long[] dims, int[] axes, int depth)
    {
        foreach (NodeProto node in index.Consumers(value))
        {
            int slot = node.Input.IndexOf(value);
            switch (node.OpType)
            {
                case "Conv" when slot == 1:
                    return Weight(index, node, dims, dims[1], dims[0] / Math.Max(1, node.GetInt("group", 1)), dims[2..]);
                case "ConvTranspose" when slot == 1:
                    return Weight(index, node, dims, dims[0] / Math.Max(1, node.GetInt("group", 1)), dims[1], dims[2..]);
                case "Gemm" when slot < 2 && dims.Length == 2:
                    bool rowsOut = slot == 1 ? node.GetInt("transB", 0) != 0 : node.GetInt("transA", 0) == 0;
                    return Weight(index, node, dims, dims[axes[rowsOut ? 1 : 0]], dims[axes[rowsOut ? 0 : 1]], []);
                case "MatMul" when dims.Length >= 2:
                    int input = axes[slot == 1 ? ^2 : ^1], output = axes[slot == 1 ? ^1 : ^2];
                    return Weight(index, node, dims, dims[input], dims[output], []);
                case "LSTM" when slot is 1 or 2:
                    double bound = 1 / Math.Sqrt(Math.Max(1, node.GetInt("hidden_size", dims[1] / 4)));
                    return new ParameterRole(ParameterDistribution.Uniform, bound);
                case "BatchNormalization" or "InstanceNormalization" or "LayerNormalization" or "GroupNormalization" when slot == 1:
                    return One;
                case "Mul":
                    return One;
                case "PRelu":
                    return new ParameterRole(ParameterDistribution.Constant, PReluSlope);
                case "Gather":
                    return new ParameterRole(ParameterDistribution.Normal, EmbeddingDeviation);
                case "Add" when dims.Count(d => d > 1) > 1:
                    // One number for each place and feature: positions, and no bias.
                    return new ParameterRole(ParameterDistribution.Normal, EmbeddingDeviation);
                case "Transpose" when depth < 8 && node.GetInts("perm") is { } perm && perm.Length == axes.Length:
                    int[] from = axes;
                    return Of(index, node.Output[0], dims, [.. perm.Select(p => from[p])], depth + 1);
                case "Transpose" when depth < 8:
                    return Of(index, node.Output[0], dims, [.. axes.Reverse()], depth + 1);
                case { } op when Views.Contains(op) && slot == 0 && depth < 8:
                    return Of(index, node.Output[0], dims, axes, depth + 1);
            }
        }

        return Zero;
    }

    private static ParameterRole Weight(GraphIndex index, NodeProto layer, long[] dims, long fanIn, long fanOut, long[] kernel)
    {
        double area = kernel.Aggregate(1.0, (a, d) => a * d);
        double inputs = Math.Max(1, fanIn * area), outputs = Math.Max(1, fanOut * area);
        return IsRectified(index, layer)
            ? new ParameterRole(ParameterDistribution.Normal, Math.Sqrt(2 / inputs))
            : new ParameterRole(ParameterDistribution.Uniform, Math.Sqrt(6 / (inputs + outputs)));
    }

    private static bool IsRectified(GraphIndex index, NodeProto layer)
    {
        NodeProto node = layer;
        for (int i = 0; i < 8; i++)
        {
            IReadOnlyList<NodeProto> readers = index.Consumers(node.Output[0]);
            if (readers.Any(r => Rectifiers.Contains(r.OpType)))
            {
                return true;
            }

            // x·sigmoid(x), as exporters write Swish and HardSwish.
            if (readers.Any(r => r.OpType is "Sigmoid" or "HardSigmoid") && readers.Any(r => r.OpType == "Mul"))
            {
                return true;
            }

            if (readers.FirstOrDefault(r => Between.Contains(r.OpType)) is not { } next)
            {
                return false;
            }

            node = next;
        }

        return false;
    }
}
