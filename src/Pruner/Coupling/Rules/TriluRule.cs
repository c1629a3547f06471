using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Trilu: the last two axes are places of a triangle.</summary>
internal sealed class TriluRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Trilu"];

    public string Relation => "X […, M, N]: M and N are frozen, since their indices decide what is kept; the leading axes pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        var places = new HashSet<int> { rank - 2, rank - 1 };
        foreach (int axis in places)
        {
            c.Freeze(Joint.Leave(c, x, axis, places) ?? [], $"{node.Describe()}: indices of this axis decide what is kept");
        }

        c.SetOutput(node, 0, c.Of(x));
    }
}
