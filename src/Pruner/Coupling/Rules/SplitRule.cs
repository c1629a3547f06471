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
        Layout layout = c.Of(x);
        AxisIds? group = layout.GroupOf(axis);
        if (group is null)
        {
            if (node.InputAt(1) is { } computed)
            {
                c.Extents.FreezeReads(computed, node.Describe());
            }

            foreach (string output in node.Output)
            {
                c.Set(output, layout);
            }

            return;
        }

        if (Sizes(node, c.Dims(x)![axis], c.Extents.Resolve(node.InputAt(1))) is not { } sizes)
        {
            c.Unknown(node, "sizes computed when the model runs");
            return;
        }

        int start = 0;
        for (int i = 0; i < node.Output.Count; i++)
        {
            c.Set(node.Output[i], Part(c, node, layout.Without(group), group, axis, start, (int)sizes[i]));
            start += (int)sizes[i];
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), s.Rank(x));
        if (!(s.IsCut(x, axis) || s.Moves(node.InputAt(1)))
            || Sizes(node, s.Length(x, axis), s.Numbers(node.InputAt(1))) is not { } before)
        {
            return;
        }

        long[] sizes = new long[before.Length];
        int start = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            int end = start + (int)before[i];
            sizes[i] = s.CountBefore(x, axis, end) - s.CountBefore(x, axis, start);
            start = end;
        }

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

    // Without sizes the parts are equal, the last one smaller where they cannot be (opset 18).
    private static long[]? Sizes(NodeProto node, int length, long[]? input)
    {
        int parts = node.Output.Count;
        long[]? sizes = node.GetInts("split") ?? input;
        if (sizes is null && node.InputAt(1) is null)
        {
            int chunk = (length + parts - 1) / parts;
            sizes = [.. Enumerable.Range(0, parts).Select(i => (long)Math.Clamp(length - (i * chunk), 0, chunk))];
        }

        return sizes is not null && sizes.Length == parts && sizes.Sum() == length && sizes.All(size => size >= 0) ? sizes : null;
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
            c.Freeze(indices.Select(i => group.Ids[i]), $"{node.Describe()}: an output of one index");
            return own;
        }

        c.Bar(group, axis);
        return length == 0 ? own : own.With(group.Take(axis, indices, keep: false));
    }
}
