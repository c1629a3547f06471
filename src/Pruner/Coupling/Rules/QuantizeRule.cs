using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// QuantizeLinear and DequantizeLinear with one scale for the tensor, or one for each index of an axis. Scales by blocks (opset 21)
/// and elements smaller than a byte are frozen.
/// </summary>
internal sealed class QuantizeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["DequantizeLinear", "QuantizeLinear"];

    public string Relation =>
        "Y has the shape and the ids of X; scales and zero points by channel share the ids of their axis. Scales by blocks, and elements "
        + "smaller than a byte, are frozen.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        if (c.Rank(node.Input[1]) > 1 || node.GetInt("block_size", 0) != 0)
        {
            c.Unknown(node, "scales by blocks");
            return;
        }

        int axis = CouplingBuilder.Axis(node.GetInt("axis", 1), rank);
        if (axis < rank)
        {
            int[]? ids = c.Dims(node.Input[1]) is [> 1] ? c.Ids(x, axis) : null;
            Quantization.MatchVector(c, node.Input[1], ids, c.Of(x).Reason);
            Quantization.MatchVector(c, node.InputAt(2), ids, c.Of(x).Reason);
        }

        c.SetOutput(node, 0, c.Of(x));
    }
}
