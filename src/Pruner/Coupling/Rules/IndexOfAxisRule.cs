using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>ArgMax, ArgMin and TopK: what comes out are indices of the axis, and a cut would renumber them.</summary>
internal sealed class IndexOfAxisRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["ArgMax", "ArgMin", "TopK"];

    public string Relation => "The axis is frozen, since its indices are what comes out; the others pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", node.OpType == "TopK" ? -1 : 0), c.Rank(x));
        c.Freeze(Joint.Leave(c, x, axis) ?? [], $"{node.Describe()}: indices of this axis come out");
        bool keep = node.OpType == "TopK" || node.GetInt("keepdims", 1) != 0;
        Layout layout = c.Of(x);
        Layout made = layout with
        {
            Groups = [.. layout.Groups.Where(g => !g.Axes.Contains(axis)).Select(g => g.Move(a => keep || a < axis ? a : a - 1))],
        };
        foreach (string output in node.Output)
        {
            c.Set(output, made);
        }
    }
}
