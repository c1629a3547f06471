using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Profiler.Layers;

/// <summary>
/// Multiply-accumulates of a source node from its shapes. Operators that multiply and accumulate nothing count 0; biases,
/// normalisations and activations are not counted (Torch-Pruning counts two for each element of a BatchNormalization,
/// so its figures are about 1 % higher).
/// </summary>
public static class MacCounter
{
    public static long Count(NodeProto node, ValueTable values)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(values);
        long[]? output = node.Output.Count > 0 ? values.Dims(node.Output[0]) : null;
        return node.OpType switch
        {
            "Conv" or "FusedConv" or "ConvInteger" => Convolution(output, values.Dims(node.InputAt(1))),
            "QLinearConv" => Convolution(output, values.Dims(node.InputAt(3))),
            "ConvTranspose" => Convolution(values.Dims(node.InputAt(0)), values.Dims(node.InputAt(1))),
            "Gemm" => Product(output, values.Dims(node.InputAt(0)), node.GetInt("transA", 0) == 0 ? -1 : -2),
            "MatMul" or "FusedMatMul" or "MatMulInteger" or "QLinearMatMul" => Product(output, values.Dims(node.InputAt(0)), -1),
            "LSTM" => Recurrent(node, values, gates: 4),
            "GRU" => Recurrent(node, values, gates: 3),
            "RNN" => Recurrent(node, values, gates: 1),
            _ => 0,
        };
    }

    // A weight [M, C/group, k…] is used once for each position of the output (of the input where transposed: [C, M/group, k…]).
    private static long Convolution(long[]? positions, long[]? weight) =>
        positions is null || weight is null ? 0 : ValueTable.Product(positions) * ValueTable.Product(weight.AsSpan(1));

    private static long Product(long[]? output, long[]? left, int axis) =>
        output is null || left is null || left.Length < -axis ? 0 : ValueTable.Product(output) * left[left.Length + axis];

    private static long Recurrent(NodeProto node, ValueTable values, int gates)
    {
        if (values.Dims(node.InputAt(0)) is not { Length: 3 } x || values.Dims(node.InputAt(2)) is not { Length: 3 } r)
        {
            return 0;
        }

        long hidden = r[2];
        long positions = node.GetInt("layout", 0) == 0 ? x[0] * x[1] : x[1] * x[0];
        return positions * r[0] * gates * hidden * (x[2] + hidden);
    }
}
