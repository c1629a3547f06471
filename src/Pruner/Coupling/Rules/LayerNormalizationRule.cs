using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// LayerNormalization and RMSNormalization: X […, D…] is normalised over the axes from <c>axis</c> on, then scaled and shifted by
/// parameters of the shape of those axes. A unit there changes mean and variance of all others, so that cutting is inexact; over the
/// width inside a head, whole heads can go.
/// </summary>
internal sealed class LayerNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"];

    public string Relation =>
        "X […, D], scale [D] and bias [D] share the ids of D, which are inexact: every index counts in the mean and the variance. The "
        + "leading axes pass, also into the mean and the inverse deviation.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        int axis = CouplingBuilder.Axis(node.GetInt("axis", -1), rank);
        int[] axes = [.. Enumerable.Range(axis, rank - axis)];
        WholeAxes.Relate(c, node, x, axes);
        StandIn.ElementwiseOf(c, node, [x, node.Input[1], node.InputAt(2)]);
        for (int i = 1; i < node.Output.Count; i++)
        {
            c.SetOutput(node, i, WholeAxes.Without(c.Of(node.Output[0]), axes));
        }
    }
}
