using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Slice with constant bounds: the ids within the bounds pass. Steps other than one on an axis that can be cut freeze it.</summary>
internal sealed class SliceRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Slice"];

    public string Relation => "The ids within constant bounds pass; a step other than one freezes the axis.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int[] dims = c.Dims(x)!;
        if (Bounds.TryRead(node, c.Index, dims) is not { } bounds)
        {
            c.Unknown(node, "bounds computed when the model runs");
            return;
        }

        foreach (Bound bound in bounds)
        {
            if (c.Ids(x, bound.Axis) is not { } ids)
            {
                continue;
            }

            Layout layout = c.Of(x);
            AxisIds group = layout.GroupOf(bound.Axis)!;
            if (bound.Step != 1 || bound.End <= bound.Start)
            {
                c.Freeze(ids, $"{node.Describe()}: a step of {bound.Step} over this axis");
            }
            else if (bound.End - bound.Start == 1)
            {
                c.Freeze([ids[bound.Start]], $"{node.Describe()}: takes this one index");
            }
            else if (bound.Start > 0 || bound.End < dims[bound.Axis])
            {
                // Nodes read what is set here for their own output only; the input's layout stays.
                c.SetOutput(node, 0, Replace(layout, group, AxisIds.Single(bound.Axis, ids[bound.Start..bound.End])));
                Others(node, c, bounds, bound);
                return;
            }
        }

        Layout passed = c.Of(x);
        c.SetOutput(node, 0, passed with { Groups = [.. passed.Groups.Where(g => bounds.All(b => !g.Axes.Contains(b.Axis) || (b.Step == 1 && b.Start == 0 && b.End == dims[b.Axis])))] });
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        int[] dims = s.Dims(x);
        Bound[] bounds = Bounds.TryRead(node, s.Index, dims) ?? [];
        if (!bounds.Any(b => s.IsCut(x, b.Axis)))
        {
            return;
        }

        long[] starts = [.. bounds.Select(b => s.IsCut(x, b.Axis) ? (long)s.CountBefore(x, b.Axis, b.Start) : b.RawStart)];
        long[] ends = [.. bounds.Select(b => s.IsCut(x, b.Axis) ? (long)s.CountBefore(x, b.Axis, b.End) : b.RawEnd)];
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

    // Two live axes sliced at once: rare, and the second is frozen rather than guessed.
    private static void Others(NodeProto node, CouplingBuilder c, Bound[] bounds, Bound done)
    {
        foreach (Bound other in bounds.Where(b => b.Axis > done.Axis))
        {
            c.FreezeAxis(node.Input[0], other.Axis, $"{node.Describe()}: slices another axis too");
        }
    }

    private static Layout Replace(Layout layout, AxisIds old, AxisIds made) => layout.Without(old).With(made);
}
