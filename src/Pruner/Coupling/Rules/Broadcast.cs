using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// What elementwise operators have in common: inputs are broadcast to the shape of the output, aligned at the last axis. Axes are
/// matched by their place and never by their length, since [N, C, 1, 1] and [C, H, W] may well have equal lengths.
/// </summary>
internal static class Broadcast
{
    private sealed record Member(AxisIds Own, AxisIds Moved, int Shift);

    /// <summary>Relates the inputs named; the result is the layout of the output.</summary>
    public static Layout Relate(NodeProto node, CouplingBuilder c, IReadOnlyList<string> inputs)
    {
        int[] outDims = c.Dims(node.Output[0])!;
        var members = new List<Member>();
        // Parameters last: those that run along one axis of units that run over several wait for the choice between them.
        foreach (string input in inputs.OrderBy(c.Sources.ContainsKey))
        {
            int[] dims = c.Dims(input)!;
            int shift = outDims.Length - dims.Length;
            foreach (AxisIds group in c.Of(input).Groups)
            {
                if (group.Axes.All(axis => dims[axis] == outDims[axis + shift]))
                {
                    AxisIds moved = group.Move(axis => axis + shift);
                    if (!c.Sources.ContainsKey(input) || !c.Ties.TryTie(members.Select(m => m.Moved), moved))
                    {
                        members.Add(new Member(group, moved, shift));
                    }
                }
                else
                {
                    c.Freeze(group.Ids, $"{node.Describe()}: repeats this axis");
                }
            }
        }

        var groups = new List<AxisIds>();
        while (members.Count > 0)
        {
            List<Member> together = TakeConnected(members);
            if (Join(node, c, inputs, outDims, together) is { } group)
            {
                groups.Add(group);
            }
        }

        return new Layout(groups, inputs.Count == 0 ? "" : c.Of(inputs[0]).Reason);
    }

    // The first group, and all that share axes with it, directly or through others.
    private static List<Member> TakeConnected(List<Member> members)
    {
        List<Member> together = [members[0]];
        var axes = members[0].Moved.Axes.ToHashSet();
        members.RemoveAt(0);
        for (int i = 0; i < members.Count; i++)
        {
            if (axes.Overlaps(members[i].Moved.Axes))
            {
                together.Add(members[i]);
                axes.UnionWith(members[i].Moved.Axes);
                members.RemoveAt(i);
                i = -1;
            }
        }

        return together;
    }

    private static AxisIds? Join(NodeProto node, CouplingBuilder c, IReadOnlyList<string> inputs, int[] outDims, List<Member> members)
    {
        int[] axes = [.. members.SelectMany(m => m.Moved.Axes).Distinct()];
        var closed = new Dictionary<int, string>();
        foreach (int axis in axes)
        {
            if (Holds(c, inputs, outDims, axis) is { } reason)
            {
                closed[axis] = reason;
            }
        }

        AxisIds first = members[0].Moved;
        bool alike = members.All(m => m.Moved.Axes.SequenceEqual(first.Axes));
        if (closed.Count == axes.Length)
        {
            c.Freeze(members.SelectMany(m => m.Own.Ids), closed[axes[0]]);
            return null;
        }

        if (alike)
        {
            foreach (Member member in members)
            {
                c.Unite(first.Ids, member.Moved.Ids);
                foreach (int axis in closed.Keys)
                {
                    c.Bar(member.Own, axis - member.Shift);
                }
            }

            foreach (int axis in closed.Keys)
            {
                c.Bar(first, axis);
            }

            return first;
        }

        // Ids of some inputs run over several axes, those of others do not: the axis that most have in common stays.
        int shared = axes.Where(a => !closed.ContainsKey(a))
            .OrderByDescending(a => members.Count(m => m.Moved.Axes.Contains(a)))
            .ThenByDescending(a => outDims[a])
            .First();
        int[]? along = null;
        foreach (Member member in members)
        {
            if (!member.Moved.Axes.Contains(shared))
            {
                c.Freeze(member.Own.Ids, Disagree(node));
                continue;
            }

            int[] ids = member.Own.IsSingle ? member.Own.Ids : c.Project(member.Own, shared - member.Shift).Ids;
            along ??= ids;
            c.Unite(along, ids);
        }

        return AxisIds.Single(shared, along!);
    }

    private static string Disagree(NodeProto node) => $"{node.Describe()}: joined elementwise with units that run over other axes";

    // Why no index of an axis of the output can go: an input that is not broadcast along it carries no ids there.
    private static string? Holds(CouplingBuilder c, IReadOnlyList<string> inputs, int[] outDims, int axis)
    {
        foreach (string input in inputs)
        {
            int[] dims = c.Dims(input)!;
            int own = axis - (outDims.Length - dims.Length);
            if (own >= 0 && dims[own] == outDims[axis] && outDims[axis] > 1 && c.Of(input).GroupOf(own) is null)
            {
                return c.Of(input).Reason;
            }
        }

        return null;
    }
}
