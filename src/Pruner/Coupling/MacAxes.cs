using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// Axes that the multiply-accumulates of a node are proportional to, so that a share of an axis is a share of the work: of a
/// convolution or a recurrent layer those of its weights, each of which is used equally often; of a product the rows, the columns
/// and the axis that is summed over.
/// </summary>
internal static class MacAxes
{
    /// <summary>Terms whose sum the work is; the work of each is the product of the lengths of its axes.</summary>
    public static IEnumerable<IReadOnlyList<TensorAxis>> Of(NodeProto node, Func<string, int> rank) => node.OpType switch
    {
        "Conv" or "FusedConv" or "ConvInteger" or "ConvTranspose" => [All(node.InputAt(1), rank)],
        "QLinearConv" => [All(node.InputAt(3), rank)],
        "LSTM" or "GRU" or "RNN" => [All(node.InputAt(1), rank), All(node.InputAt(2), rank)],
        "Gemm" => [Product(node, rank, node.GetInt("transA", 0) == 0 ? -1 : -2)],
        "MatMul" or "FusedMatMul" or "MatMulInteger" or "QLinearMatMul" => [Product(node, rank, -1)],
        // What else multiplies (attention in one node, Einsum) does so along the axes of its result and of what it reads.
        _ => [.. node.Input.Where(i => i.Length > 0).Append(node.Output[0]).Select(v => All(v, rank))],
    };

    private static IReadOnlyList<TensorAxis> All(string? value, Func<string, int> rank) =>
        string.IsNullOrEmpty(value) ? [] : [.. Enumerable.Range(0, rank(value)).Select(axis => new TensorAxis(value, axis))];

    private static IReadOnlyList<TensorAxis> Product(NodeProto node, Func<string, int> rank, int summed)
    {
        string left = node.Input[0];
        return rank(left) + summed < 0 ? All(node.Output[0], rank) : [.. All(node.Output[0], rank), new TensorAxis(left, rank(left) + summed)];
    }
}
