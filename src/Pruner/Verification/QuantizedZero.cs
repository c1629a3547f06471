using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Verification;

/// <summary>
/// What quantised weights stand for zero with: their zero point, which the operator that reads them names (ONNX operators
/// DequantizeLinear, QLinearConv, QLinearMatMul, ConvInteger, MatMulInteger).
/// </summary>
internal static class QuantizedZero
{
    // Place of the weights and of their zero point among the inputs.
    private static readonly Dictionary<string, (int Weights, int ZeroPoint)> Places = new(StringComparer.Ordinal)
    {
        ["DequantizeLinear"] = (0, 2),
        ["QLinearConv"] = (3, 5),
        ["QLinearMatMul"] = (3, 5),
        ["ConvInteger"] = (1, 3),
        ["MatMulInteger"] = (1, 3),
    };

    /// <summary>An int32 tensor that can be broadcast to the weights; zero where no operator names a zero point.</summary>
    public static TensorProto Of(GraphIndex index, string weights, string name)
    {
        int rank = index.Constant(weights)?.Dims.Count ?? 0;
        foreach (NodeProto node in index.Consumers(weights))
        {
            if (Places.TryGetValue(node.OpType, out var place)
                && node.InputAt(place.Weights) == weights
                && index.Constant(node.InputAt(place.ZeroPoint)) is { } point)
            {
                long[] values = TensorReader.ToInts(point);
                int axis = AxisOf(node, rank);
                long[] shape = values.Length == 1 ? [] : [.. Enumerable.Range(0, rank).Select(a => a == axis ? (long)values.Length : 1)];
                return Make(name, values, shape);
            }
        }

        return Make(name, [0], []);
    }

    // Along which axis of the weights the zero points run.
    private static int AxisOf(NodeProto node, int rank)
    {
        int axis = node.OpType switch
        {
            "DequantizeLinear" => (int)node.GetInt("axis", 1),
            "QLinearConv" or "ConvInteger" => 0,
            _ => rank - 1,
        };
        return axis < 0 ? axis + rank : axis;
    }

    private static TensorProto Make(string name, long[] values, long[] shape) => TensorEditor.FromRaw(
        name, DataType.Int32, [.. values.SelectMany(v => BitConverter.GetBytes((int)v))], shape);
}
