using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Pad with a constant: the places added get ids of their own, so that a padded shortcut can be cut with its trunk.</summary>
internal sealed class PadRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Pad"];

    public string Relation => "Padding by a constant adds places before and after the ids of an axis; any other padding freezes the axis.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        if (Pads(node, c.Extents.Numbers, rank) is not { } pads)
        {
            if (c.Of(x).Groups.Count == 0)
            {
                c.SetOutput(node, 0, c.Of(x));
                return;
            }

            c.Unknown(node, "pads computed when the model runs");
            return;
        }

        bool constant = node.GetString("mode", "constant") == "constant";
        int[] padded = [.. Enumerable.Range(0, rank).Where(axis => pads[axis] != 0 || pads[axis + rank] != 0)];
        foreach (int axis in padded)
        {
            // Units that run over this axis and others are left with one of them, not always this one.
            c.Ids(x, axis);
        }

        Layout layout = c.Of(x);
        foreach (int axis in padded)
        {
            if (layout.GroupOf(axis) is not { } group)
            {
                continue;
            }

            (long before, long after) = (pads[axis], pads[axis + rank]);
            int[] ids = group.Ids;
            layout = layout.Without(group);
            if (!constant || before < 0 || after < 0)
            {
                c.Freeze(ids, $"{node.Describe()}: pads this axis other than by a constant");
                continue;
            }

            layout = layout.With(AxisIds.Single(axis, [.. c.Elements.Add((int)before), .. ids, .. c.Elements.Add((int)after)]));
        }

        c.SetOutput(node, 0, layout);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        string y = node.Output[0];
        int rank = s.Rank(x);
        if (Pads(node, s.Numbers, rank) is not { } pads || !Enumerable.Range(0, rank).Any(axis => s.IsCut(y, axis)))
        {
            return;
        }

        for (int axis = 0; axis < rank; axis++)
        {
            if (s.IsCut(y, axis))
            {
                int length = s.Length(y, axis);
                int end = length - (int)pads[axis + rank];
                int kept = s.CountBefore(y, axis, length) - s.CountBefore(y, axis, end);
                pads[axis] = s.CountBefore(y, axis, (int)pads[axis]);
                pads[axis + rank] = kept;
            }
        }

        if (s.Opset < 11)
        {
            node.SetInts("pads", pads);
            return;
        }

        node.Input[1] = s.AddInts($"{y}_pads", pads);
        if (node.Input.Count > 3)
        {
            node.Input[3] = "";
        }
    }

    // Begin of every axis, then end of every axis, whatever form the node uses.
    private static long[]? Pads(NodeProto node, Func<string?, long[]?> numbers, int rank)
    {
        long[]? given = node.GetInts("pads") ?? numbers(node.InputAt(1));
        if (given is null || node.InputAt(3) is not { } axesInput)
        {
            return given?.Length == 2 * rank ? given : null;
        }

        if (numbers(axesInput) is not { } axes || given.Length != 2 * axes.Length || axes.Any(a => a < -rank || a >= rank))
        {
            return null;
        }

        long[] pads = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = CouplingBuilder.Axis(axes[i], rank);
            pads[axis] = given[i];
            pads[axis + rank] = given[i + axes.Length];
        }

        return pads;
    }
}
