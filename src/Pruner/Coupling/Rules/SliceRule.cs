using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Slice: the ids within the bounds pass. Once a strided axis is cut, its indices are no progression any more: the node becomes a
/// Gather of those that are left.
/// </summary>
internal sealed class SliceRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Slice"];

    public string Relation =>
        "The ids within the bounds pass, in their order, on every axis that is sliced; an index taken alone is frozen, "
        + "and so is an axis whose bounds differ from run to run.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int[] dims = c.Dims(x)!;
        if (c.Of(x).Groups.Count == 0)
        {
            FreezeReads(node, c);
            c.SetOutput(node, 0, c.Of(x));
            return;
        }

        long[]? Read(int input) => c.Extents.Resolve(node.InputAt(input));
        if (Bounds.Axes(node, Read, dims.Length) is not { } axes)
        {
            c.Unknown(node, "axes computed when the model runs");
            return;
        }

        Layout layout = c.Of(x);
        if (Bounds.TryRead(node, Read, dims) is not { } bounds)
        {
            FreezeReads(node, c);
            foreach (int axis in axes)
            {
                c.FreezeAxis(x, axis, $"{node.Describe()}: bounds computed when the model runs");
            }

            c.SetOutput(node, 0, layout with { Groups = [.. layout.Groups.Where(g => !g.Axes.Any(axes.Contains))] });
            return;
        }

        foreach (Bound bound in bounds.Where(b => !b.IsWhole))
        {
            if (layout.GroupOf(bound.Axis) is { } group)
            {
                layout = Cut(node, c, layout, group, bound, alone: bounds.Count(b => !b.IsWhole) == 1);
            }
        }

        c.SetOutput(node, 0, layout);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        long[]? Read(int input) => s.Numbers(node.InputAt(input));
        Bound[] bounds = Bounds.TryRead(node, Read, s.Dims(x)) ?? [];
        bool moves = s.Moves(node.InputAt(1)) || s.Moves(node.InputAt(2));
        if (!moves && !bounds.Any(b => s.IsCut(x, b.Axis)))
        {
            return;
        }

        if (bounds.FirstOrDefault(b => b.Step != 1 && s.IsCut(x, b.Axis)) is { } strided)
        {
            Gather(node, s, strided);
            return;
        }

        long[] starts = [.. bounds.Select(b => s.IsCut(x, b.Axis) ? s.CountBefore(x, b.Axis, b.Start) : b.RawStart)];
        long[] ends = [.. bounds.Select(b => s.IsCut(x, b.Axis) ? s.CountBefore(x, b.Axis, b.End) : b.RawEnd)];
        if (s.Opset < 10)
        {
            node.SetInts("starts", starts);
            node.SetInts("ends", ends);
            return;
        }

        node.Input[1] = s.AddInts($"{node.Output[0]}_starts", starts);
        node.Input[2] = s.AddInts($"{node.Output[0]}_ends", ends);
        // Bounds are int64 now; the other inputs must be of the same type.
        while (node.Input.Count < 4)
        {
            node.Input.Add("");
        }

        node.Input[3] = s.AddInts($"{node.Output[0]}_axes", [.. bounds.Select(b => (long)b.Axis)]);
        if (node.Input.Count > 4 && node.Input[4].Length > 0)
        {
            node.Input[4] = s.AddInts($"{node.Output[0]}_steps", [.. bounds.Select(b => b.Step)]);
        }
    }

    private static Layout Cut(NodeProto node, CouplingBuilder c, Layout layout, AxisIds group, Bound bound, bool alone)
    {
        int[] indices = [.. bound.Indices];
        if (indices.Length == 0 || (bound.Step != 1 && !alone))
        {
            c.Freeze(group.Ids, $"{node.Describe()}: {(indices.Length == 0 ? "takes nothing" : $"a step of {bound.Step} beside other bounds")}");
            return layout.Without(group);
        }

        if (indices.Length > 1)
        {
            return layout.Without(group).With(group.Take(bound.Axis, indices, keep: true));
        }

        if (group.IsSingle)
        {
            c.Freeze([group.Ids[indices[0]]], $"{node.Describe()}: takes this one index");
            return layout.Without(group);
        }

        // The ids run over other axes too: the part keeps those, and no index of this axis may go.
        c.Bar(c.Of(node.Input[0]).GroupOf(bound.Axis)!, bound.Axis);
        return layout.Without(group).With(group.Take(bound.Axis, indices, keep: false));
    }

    private static void Gather(NodeProto node, SurgeryContext s, Bound bound)
    {
        string x = node.Input[0];
        long[] left = [.. bound.Indices.Where(i => s.Survives(x, bound.Axis, i)).Select(i => (long)s.CountBefore(x, bound.Axis, i))];
        node.OpType = "Gather";
        node.Attribute.Clear();
        node.SetInt("axis", bound.Axis);
        node.Input.Clear();
        node.Input.Add([x, s.AddInts($"{node.Output[0]}_indices", left)]);
    }

    private static void FreezeReads(NodeProto node, CouplingBuilder c)
    {
        foreach (string input in node.Input.Skip(1).Where(i => i.Length > 0))
        {
            c.Extents.FreezeReads(input, node.Describe());
        }
    }
}
