using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Gather: constant indices pick ids along the axis; computed indices freeze it (a table of embeddings). Other axes pass.</summary>
internal sealed class GatherRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Gather"];

    public string Relation => "Constant indices pick ids along the axis, in their order; computed indices freeze it; the other axes pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string data = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), c.Rank(data));
        int indicesRank = c.Rank(node.Input[1]);
        long[]? indices = indicesRank <= 1 ? c.Extents.Numbers(node.Input[1]) : null;
        Layout layout = c.Of(data);
        if (indicesRank == 0 && indices is [var only] && layout.GroupOf(axis) is { IsSingle: false } joint)
        {
            // q, k or v out of a joint axis of three: the part keeps the ids of the other axes, and none of the three can go.
            c.Bar(joint, axis);
            AxisIds part = joint.Take(axis, [CouplingBuilder.Axis(only, c.Dims(data)![axis])], keep: false);
            Layout rest = layout.Without(joint).With(part);
            c.SetOutput(node, 0, rest with { Groups = [.. rest.Groups.Select(g => g.Move(a => a < axis ? a : a - 1))] });
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
                passed = passed.With(AxisIds.Single(axis, [.. indices.Select(i => ids[CouplingBuilder.Axis(i, ids.Length)])]));
            }
            else
            {
                c.Freeze(ids, $"{node.Describe()}: picks single indices along this axis");
            }
        }

        c.SetOutput(node, 0, passed);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string data = node.Input[0];
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), s.Rank(data));
        if (!s.IsCut(data, axis))
        {
            return;
        }

        int length = s.Length(data, axis);
        long[] left = [.. s.Constant(node.Input[1])
            .Select(i => CouplingBuilder.Axis(i, length))
            .Where(i => s.Survives(data, axis, i))
            .Select(i => (long)s.CountBefore(data, axis, i))];
        node.Input[1] = s.AddInts($"{node.Output[0]}_indices", left);
    }
}
