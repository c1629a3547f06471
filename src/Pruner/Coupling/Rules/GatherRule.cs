using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Gather: constant indices pick ids along the axis; computed indices freeze it (a table of embeddings). Other axes pass.</summary>
internal sealed class GatherRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Gather"];

    public string Relation =>
        "A vector of constant indices picks ids along the axis, in its order; an index taken alone is frozen, and so is an axis with "
        + "computed indices (a table of embeddings). The other axes pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string data = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), c.Rank(data));
        int indicesRank = c.Rank(node.Input[1]);
        int length = c.Dims(data)![axis];
        int[]? indices = indicesRank <= 1 && c.Extents.Numbers(node.Input[1]) is { } numbers && numbers.All(i => i >= -length && i < length)
            ? [.. numbers.Select(i => CouplingBuilder.Axis(i, length))]
            : null;
        // The indices may be computed from widths, or cut like a value where they are made from one.
        c.FreezeAll(node.Input[1], $"{node.Describe()}: its indices are computed");
        Layout layout = c.Of(data);
        if (indices is [var only] && layout.GroupOf(axis) is { IsSingle: false } joint)
        {
            // q, k or v out of a joint axis of three: the part keeps the ids of the other axes, and none of the three can go.
            c.Bar(joint, axis);
            Layout rest = layout.Without(joint).With(joint.Take(axis, [only], keep: false));
            c.SetOutput(node, 0, rest with { Groups = [.. rest.Groups.Select(g => g.Move(a => a < axis ? a : a + indicesRank - 1))] });
            return;
        }

        int[]? ids = c.Ids(data, axis);
        layout = c.Of(data);
        AxisIds[] others = [.. layout.Groups.Where(g => !g.Axes.Contains(axis))];
        Layout passed = layout with { Groups = [.. others.Select(g => g.Move(a => a < axis ? a : a + indicesRank - 1))] };
        if (c.Sources.ContainsKey(data))
        {
            foreach (AxisIds other in others)
            {
                c.Mark(other.Ids, SliceRole.Output);
            }
        }

        if (ids is not null)
        {
            if (indicesRank == 1 && indices is { Length: > 1 })
            {
                passed = passed.With(AxisIds.Single(axis, [.. indices.Select(i => ids[i])]));
            }
            else
            {
                c.Freeze(indices is [var one] ? [ids[one]] : ids, $"{node.Describe()}: picks single indices along this axis");
            }
        }

        c.SetOutput(node, 0, passed);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string data = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), s.Rank(data));
        if (!s.IsCut(data, axis) || s.Numbers(node.Input[1]) is not { } indices)
        {
            return;
        }

        int length = s.Length(data, axis);
        long[] left = [.. indices
            .Select(i => CouplingBuilder.Axis(i, length))
            .Where(i => s.Survives(data, axis, i))
            .Select(i => (long)s.CountBefore(data, axis, i))];
        string name = $"{node.Output[0]}_indices";
        node.Input[1] = s.Rank(node.Output[0]) < s.Rank(data) ? s.AddInt(name, left[0]) : s.AddInts(name, left);
    }
}
