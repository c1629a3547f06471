using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Which initializers are parameters: those that stand where weights, biases and scales stand, themselves or through operators
/// that only reshape them. Running statistics, bounds, scales of a resize and the scalars that exporters write into activations
/// are none.
/// </summary>
internal static class ParameterSelection
{
    private static readonly HashSet<string> Views = new(["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Cast", "Expand"], StringComparer.Ordinal);

    private static readonly Dictionary<string, int[]> Slots = new(StringComparer.Ordinal)
    {
        ["Conv"] = [1, 2],
        ["ConvTranspose"] = [1, 2],
        ["Gemm"] = [0, 1, 2],
        ["MatMul"] = [0, 1],
        ["BatchNormalization"] = [1, 2],
        ["InstanceNormalization"] = [1, 2],
        ["LayerNormalization"] = [1, 2],
        ["GroupNormalization"] = [1, 2],
        ["PRelu"] = [1],
        ["Gather"] = [0],
        ["LSTM"] = [1, 2, 3],
        ["FastGelu"] = [1],
    };

    /// <summary>Names of the parameters, in the file's order.</summary>
    public static IReadOnlyList<string> Find(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        return [.. graph.Initializer
            .Where(t => ElementTypes.TypeOf(t) is DataType.Float or DataType.Double && TensorReader.Count(t) > 0)
            .Where(t => IsParameter(index, t.Name, TensorReader.Count(t)))
            .Select(t => t.Name)];
    }

    private static bool IsParameter(GraphIndex index, string value, long count) => index.Consumers(value).Any(node =>
    {
        if (Slots.TryGetValue(node.OpType, out int[]? slots))
        {
            return slots.Any(s => node.InputAt(s) == value);
        }

        // A vector that is added or multiplied is a bias, a scale or an embedding of positions; a scalar is part of a formula.
        return node.OpType is "Add" or "Mul" ? count > 1 : Views.Contains(node.OpType) && node.Input[0] == value && IsParameter(index, node.Output[0], count);
    });
}
