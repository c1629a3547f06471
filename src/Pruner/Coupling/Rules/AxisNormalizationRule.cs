using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Operators whose result at one index depends on the others along the same axis: cutting and masking differ there by nature. Other
/// axes pass.
/// </summary>
internal sealed class AxisNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Hardmax", "LogSoftmax", "LRN", "Softmax"];

    public string Relation =>
        "Y has the shape of X; every index along the axis counts in the result, so that axis is inexact, and all "
        + "others pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        int axis = node.OpType == "LRN" ? 1 : CouplingBuilder.Axis(node.GetInt("axis", c.Opset < 13 ? 1 : -1), rank);
        // Before opset 13 softmax flattens to two dimensions at its axis.
        int last = node.OpType != "LRN" && c.Opset < 13 ? rank - 1 : axis;
        for (int a = axis; a <= last; a++)
        {
            c.Inexact(c.Ids(x, a), $"{node.Describe()}: every index along this axis counts in the result");
        }

        c.SetOutput(node, 0, c.Of(x));
    }
}
