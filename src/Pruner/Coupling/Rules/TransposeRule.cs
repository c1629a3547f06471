using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Transpose: the axes change places and take their ids along.</summary>
internal sealed class TransposeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Transpose"];

    public string Relation => "The axes change places and take their ids along.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        Layout layout = c.Of(node.Input[0]);
        int rank = c.Rank(node.Input[0]);
        long[] order = node.GetInts("perm") ?? [.. Enumerable.Range(0, rank).Reverse().Select(a => (long)a)];
        c.SetOutput(node, 0, layout with { Groups = [.. layout.Groups.Select(g => g.Move(axis => Array.IndexOf(order, axis)))] });
    }
}
