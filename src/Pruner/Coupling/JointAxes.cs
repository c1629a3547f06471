namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// A tensor whose ids run over several axes at once can only be cut in whole slabs along one of them, since a tensor has no
/// ragged axes. This step picks the axis: one whose slabs are units already (the heads that attention has asked for, the
/// positions that a grouped convolution has tied together), else the one that most parameters run along, else the one that leaves the
/// most units.
/// </summary>
internal static class JointAxes
{
    /// <summary>The layouts, joint groups reduced to the axis chosen.</summary>
    public static IReadOnlyDictionary<string, Layout> Settle(CouplingBuilder builder)
    {
        // Those with the fewest axes open come first, what they leave no choice of binds the others; then those that parameters run along.
        List<AxisIds> joint = [.. builder.Layouts.Values.SelectMany(l => l.Groups)
            .Where(g => !g.IsSingle)
            .Concat(builder.Ties.Groups)
            .Distinct(ReferenceEqualityComparer.Instance)
            .Cast<AxisIds>()
            .OrderBy(g => Open(builder, g).Length)
            .ThenByDescending(g => g.Axes.Max(a => builder.Ties.Count(g, a)))];
        // A choice made for one tensor unites ids and may settle another, so those that are settled already go first.
        while (joint.Count > 0)
        {
            if (RemoveSettled(builder, joint) || joint.Count == 0)
            {
                continue;
            }

            AxisIds next = joint[0];
            if (Open(builder, next) is { Length: > 0 } open)
            {
                builder.Project(next, open.MaxBy(axis => (builder.Ties.Count(next, axis), Units(builder, next, axis), next.Sizes[Array.IndexOf(next.Axes, axis)])));
            }
            else
            {
                builder.Freeze(next.Ids, "operators need every index along each of the axes that share these units");
                builder.Ties.Apply(builder, next, null);
                joint.RemoveAt(0);
            }
        }

        return builder.Layouts.ToDictionary(l => l.Key, l => Settled(builder, l.Value), StringComparer.Ordinal);
    }

    // Ties of what is settled may unite more ids; true where there were any.
    private static bool RemoveSettled(CouplingBuilder builder, List<AxisIds> joint)
    {
        bool tied = false;
        joint.RemoveAll(group =>
        {
            if (SettledAxis(builder, group) is not { } axis)
            {
                return false;
            }

            if (builder.Ties.Groups.Contains(group, ReferenceEqualityComparer.Instance))
            {
                builder.Ties.Apply(builder, group, axis);
                tied = true;
            }

            return true;
        });
        return tied;
    }

    private static int[] Open(CouplingBuilder builder, AxisIds group) => [.. group.Axes.Where(a => !builder.IsBarred(group, a))];

    // How many units cutting along an axis would leave.
    private static int Units(CouplingBuilder builder, AxisIds group, int axis)
    {
        var sets = new UnionFind();
        var places = new Dictionary<int, int>();
        int left = 0;
        foreach (IReadOnlyList<int> slab in group.Slabs(Array.IndexOf(group.Axes, axis)))
        {
            int first = -1;
            foreach (int id in slab)
            {
                int root = builder.Elements.Find(id);
                if (!places.TryGetValue(root, out int place))
                {
                    places[root] = place = sets.Add(1)[0];
                    left++;
                }

                left -= first >= 0 && sets.Union(first, place) ? 1 : 0;
                first = place;
            }
        }

        return left;
    }

    private static Layout Settled(CouplingBuilder builder, Layout layout)
    {
        var groups = new List<AxisIds>();
        foreach (AxisIds group in layout.Groups)
        {
            if (group.IsSingle)
            {
                groups.Add(group);
            }
            else if (SettledAxis(builder, group) is { } axis)
            {
                groups.Add(builder.Project(group, axis));
            }
        }

        return layout with { Groups = groups };
    }

    private static int? SettledAxis(CouplingBuilder builder, AxisIds group)
    {
        for (int position = 0; position < group.Axes.Length; position++)
        {
            if (!builder.IsBarred(group, group.Axes[position]) && group.Slabs(position).All(slab => slab.All(id => builder.Elements.Find(id) == builder.Elements.Find(slab[0]))))
            {
                return group.Axes[position];
            }
        }

        return null;
    }
}
