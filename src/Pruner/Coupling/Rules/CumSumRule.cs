using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>CumSum: a unit along the axis that is zero adds nothing to those after it, so the axis passes.</summary>
internal sealed class CumSumRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["CumSum"];

    public string Relation => "Y has the shape and the ids of X; zeros along a constant axis add nothing to the sums.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        bool masked = !c.Sources.ContainsKey(x) && !c.IsInteger(x);
        if (c.Extents.Numbers(node.InputAt(1)) is not [var given] || !masked)
        {
            c.Unknown(node, masked ? "an axis computed when the model runs" : "sums parameters or integers");
            return;
        }

        int axis = CouplingBuilder.Axis(given, c.Rank(x));
        if (Joint.Leave(c, x, axis) is not null)
        {
            c.MaskValue(x, axis);
        }

        c.SetOutput(node, 0, c.Of(x));
    }
}
