namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// Parameters that run along one axis of a joint group (a rotation or a scale for each position inside a head). Whether they are cut
/// with it is not known until the group's axis is chosen, so the tie waits for <see cref="JointAxes"/>.
/// </summary>
internal sealed class JointTies
{
    private readonly List<(AxisIds Group, int Axis, int[] Ids)> waiting = [];

    /// <summary>Groups that ties wait for.</summary>
    public IEnumerable<AxisIds> Groups => waiting.Select(w => w.Group);

    /// <summary>How many parameters wait to be cut along an axis of a group.</summary>
    public int Count(AxisIds group, int axis) => waiting.Count(w => ReferenceEquals(w.Group, group) && w.Axis == axis);

    /// <summary>
    /// Ties a parameter's single axis to the joint group among <paramref name="groups"/> that runs over the same axis; false where
    /// there is none.
    /// </summary>
    public bool TryTie(IEnumerable<AxisIds> groups, AxisIds parameter)
    {
        if (!parameter.IsSingle || groups.FirstOrDefault(g => g.Axes.Contains(parameter.Axes[0])) is not { IsSingle: false } joint)
        {
            return false;
        }

        waiting.Add((joint, parameter.Axes[0], parameter.Ids));
        return true;
    }

    /// <summary>Applies the ties of a group that is cut along <paramref name="axis"/>, or along none.</summary>
    public void Apply(CouplingBuilder builder, AxisIds group, int? axis)
    {
        foreach ((AxisIds joint, int along, int[] ids) in waiting.Where(w => ReferenceEquals(w.Group, group)).ToArray())
        {
            if (along == axis)
            {
                builder.Unite(builder.Project(joint, along).Ids, ids);
            }
            else
            {
                builder.Freeze(ids, "shared by units that are cut along another axis (every position inside a head is needed)");
            }
        }

        waiting.RemoveAll(w => ReferenceEquals(w.Group, group));
    }
}
