using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Operators whose result at one index depends on the others along the same axis: cutting and masking differ there by nature. Other
/// axes pass.
/// </summary>
internal sealed class AxisNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Hardmax", "LogSoftmax", "LRN", "MeanVarianceNormalization", "Softmax"];

    public string Relation =>
        "Y has the shape of X; every index along the axis counts in the result, so that units along it are inexact; all other axes pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int[] axes = Axes(node, c, c.Rank(x));
        WholeAxes.Relate(c, node, x, axes);
        c.SetOutput(node, 0, c.Of(x));
        if (node.OpType == "MeanVarianceNormalization")
        {
            // A masked unit is the same everywhere and has no variance: there is no ε, so that it comes out as no number.
            foreach (int axis in c.Of(x).Groups.SelectMany(g => g.Axes).Except(axes))
            {
                c.MaskValue(node.Output[0], axis);
            }
        }
    }

    private static int[] Axes(NodeProto node, CouplingBuilder c, int rank)
    {
        switch (node.OpType)
        {
            case "LRN":
                return [1];
            case "MeanVarianceNormalization":
                return [.. (node.GetInts("axes") ?? [0, 2, 3]).Select(a => CouplingBuilder.Axis(a, rank))];
            default:
                // Before opset 13 softmax flattens to two dimensions at its axis.
                int axis = CouplingBuilder.Axis(node.GetInt("axis", c.Opset < 13 ? 1 : -1), rank);
                return c.Opset < 13 ? [.. Enumerable.Range(axis, rank - axis)] : [axis];
        }
    }
}
