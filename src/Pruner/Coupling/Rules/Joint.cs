namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>For operators that need every index of one axis while units may run over it and others jointly.</summary>
internal static class Joint
{
    /// <summary>
    /// Lets units that run over an axis and others run along one of the others, and returns the ids that are left along it: those of
    /// units that run there alone, or null.
    /// </summary>
    /// <param name="c">The builder.</param>
    /// <param name="value">The value.</param>
    /// <param name="axis">The axis that is needed whole.</param>
    /// <param name="taken">Axes that are needed whole besides.</param>
    public static int[]? Leave(CouplingBuilder c, string value, int axis, IReadOnlySet<int>? taken = null)
    {
        if (c.Of(value).GroupOf(axis) is { IsSingle: false } group)
        {
            int[] others = [.. group.Axes.Where(a => a != axis && taken?.Contains(a) != true)];
            if (others.Length > 0)
            {
                c.Ids(value, others[0]);
            }
        }

        return c.Ids(value, axis);
    }
}
