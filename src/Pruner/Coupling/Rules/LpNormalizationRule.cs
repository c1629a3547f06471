using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>LpNormalization: X divided by its L1 or L2 norm along one axis. A zero counts for nothing in a norm, so that cutting is exact.</summary>
internal sealed class LpNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["LpNormalization"];

    public string Relation => "All axes pass; along the one that the norm runs over, a removed unit counts as zero, which no norm sees.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", -1), c.Rank(x));
        if (c.Sources.ContainsKey(x))
        {
            c.Mark(c.Ids(x, axis), SliceRole.Output);
        }

        c.MaskValue(x, axis);
        c.SetOutput(node, 0, c.Of(x));
    }
}
