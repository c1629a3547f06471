using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// The residual sum and the normalisation after it in one (ONNX Runtime's contrib operators): input, skip [N, L, D], gamma [D], beta
/// [D] (not in the simplified form), bias [D].
/// </summary>
internal sealed class SkipLayerNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } =
        ["com.microsoft.SkipLayerNormalization", "com.microsoft.SkipSimplifiedLayerNormalization"];

    public string Relation =>
        "Input and skip [N, L, D], gamma, beta and bias [D] share the ids of D, which are inexact; the sum before the normalisation has "
        + "the same ids.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        bool simplified = node.OpType == "SkipSimplifiedLayerNormalization";
        string y = node.Output[0];
        StandIn.ElementwiseOf(c, node, [node.Input[0], node.Input[1], node.InputAt(simplified ? 3 : 4)]);
        c.SetOutput(node, 3, c.Of(y));
        int last = c.Rank(y) - 1;
        WholeAxes.Relate(c, node, y, [last]);
        StandIn.ElementwiseOf(c, node, [y, node.Input[2], simplified ? null : node.InputAt(3)]);
        for (int i = 1; i <= 2; i++)
        {
            c.SetOutput(node, i, WholeAxes.Without(c.Of(y), [last]));
        }
    }
}
