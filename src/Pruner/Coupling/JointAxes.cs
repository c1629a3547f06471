namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// A tensor whose ids run over several axes at once can only be cut in whole slabs along one of them, since a tensor has no
/// ragged axes. This step picks the axis: one whose slabs are units already (the heads that attention has asked for, the
/// positions that a grouped convolution has tied together), else the one that leaves the most units.
/// </summary>
internal static class JointAxes
{
    /// <summary>The layouts, joint groups reduced to the axis chosen.</summary>
    public static IReadOnlyDictionary<string, Layout> Settle(CouplingBuilder builder)
    {
        List<AxisIds> joint = [.. builder.Layouts.Values.SelectMany(l => l.Groups).Where(g => !g.IsSingle).Distinct(ReferenceEqualityComparer.Instance).Cast<AxisIds>()];
        // A choice made for one tensor unites ids and may settle another, so those that are settled already go first.
        while (joint.Count > 0)
        {
            joint.RemoveAll(group => SettledAxis(builder, group) is not null);
            if (joint.Count > 0)
            {
                AxisIds next = joint[0];
                int[] open = [.. next.Axes.Where(a => !builder.IsBarred(next, a))];
                if (open.Length > 0)
                {
                    builder.Project(next, open.MaxBy(a => next.Sizes[Array.IndexOf(next.Axes, a)]));
                }
                else
                {
                    builder.Freeze(next.Ids, "operators need every index along each of the axes that share these units");
                    joint.RemoveAt(0);
                }
            }
        }

        return builder.Layouts.ToDictionary(l => l.Key, l => Settled(builder, l.Value), StringComparer.Ordinal);
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
