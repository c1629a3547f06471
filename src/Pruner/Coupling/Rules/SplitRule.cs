using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Split: the ids along its axis are dealt out to the outputs.</summary>
internal sealed class SplitRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Split"];

    public string Relation => "The ids along the axis are dealt out to the outputs in order; the other axes pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), c.Rank(x));
        if (c.Of(x).GroupOf(axis) is not null && node.InputAt(1) is { } sizes && c.Index.Constant(sizes) is null)
        {
            c.Unknown(node, "sizes computed when the model runs");
            return;
        }

        Layout layout = c.Of(x);
        AxisIds? group = layout.GroupOf(axis);
        int start = 0;
        for (int i = 0; i < node.Output.Count; i++)
        {
            int length = c.Dims(node.Output[i])?[axis] ?? 0;
            if (group is not null && length == 0)
            {
                // Nothing tells the length of an output that nobody reads and that the probe did not see.
                c.Unknown(node, "an output without a shape");
                return;
            }

            Layout own = group is null ? layout : layout.Without(group);
            c.Set(node.Output[i], group is null ? own : Part(c, node, own, group, axis, start, length));
            start += length;
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), s.Rank(x));
        if (!s.IsCut(x, axis))
        {
            return;
        }

        long[] sizes = [.. node.Output.Select(o => (long)s.LengthAfter(o, axis))];
        if (s.Opset < 13)
        {
            node.SetInts("split", sizes);
            return;
        }

        // From opset 18 the number of equal parts may stand instead of their sizes; now they need not be equal.
        if (node.Find("num_outputs") is { } equal)
        {
            node.Attribute.Remove(equal);
        }

        string name = s.AddInts($"{node.Output[0]}_split", sizes);
        if (node.Input.Count > 1)
        {
            node.Input[1] = name;
        }
        else
        {
            node.Input.Add(name);
        }
    }

    private static Layout Part(CouplingBuilder c, NodeProto node, Layout own, AxisIds group, int axis, int start, int length)
    {
        int[] indices = [.. Enumerable.Range(start, length)];
        if (length > 1)
        {
            return own.With(group.Take(axis, indices, keep: true));
        }

        // An output of one index must keep it.
        if (group.IsSingle)
        {
            c.Freeze([group.Ids[start]], $"{node.Describe()}: an output of one index");
            return own;
        }

        c.Bar(group, axis);
        return own.With(group.Take(axis, indices, keep: false));
    }
}
