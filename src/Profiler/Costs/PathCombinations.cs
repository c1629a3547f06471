namespace EdgePrune.Profiler.Costs;

/// <summary>
/// The paths of all axes together. An axis' stairs depend on the paths of the others: a convolution whose inputs leave the blocked
/// layout does not pad its outputs either.
/// </summary>
/// <param name="axes">Paths of each axis, the others at full width.</param>
/// <param name="stairs">The axes with their stairs on a combination, by number.</param>
internal sealed class PathCombinations(IReadOnlyList<AxisPaths> axes, IReadOnlyDictionary<int, AxisPaths[]> stairs)
{
    /// <summary>Number of the combination that some widths lie on; 0 is that of the full widths.</summary>
    public int Of(IReadOnlyList<int> widths)
    {
        int number = 0;
        for (int a = axes.Count - 1; a >= 0; a--)
        {
            number = (number * axes[a].Count) + axes[a].PathOf(widths[a]);
        }

        return number;
    }

    public int[] Tops(int combination, IReadOnlyList<int> widths)
    {
        AxisPaths[] on = stairs.GetValueOrDefault(combination) ?? [.. axes];
        return [.. widths.Select((w, a) => on[a].Top(w))];
    }

    /// <summary>Paths of each axis, the others at full width.</summary>
    public IReadOnlyList<AxisPaths> Independent => axes;

    /// <summary>The axes with their stairs on each combination that was looked at.</summary>
    public IReadOnlyDictionary<int, AxisPaths[]> Stairs => stairs;

    /// <summary>The axes on a combination.</summary>
    public AxisPaths[] Axes(int combination) => stairs[combination];

    /// <summary>Paths of the axes by number of the combination; those that hold the most widths first, 0 before all.</summary>
    public static IEnumerable<(int Number, int[] Paths)> All(IReadOnlyList<AxisPaths> axes)
    {
        int count = axes.Aggregate(1, (product, a) => product * a.Count);
        return Enumerable.Range(0, count)
            .Select(number => (number, Split(number, axes)))
            .OrderBy(c => c.number != 0)
            .ThenByDescending(c => c.Item2.Select((p, a) => (double)axes[a].Widths(p).Length).Aggregate(1.0, (x, y) => x * y));
    }

    private static int[] Split(int number, IReadOnlyList<AxisPaths> axes)
    {
        int[] paths = new int[axes.Count];
        for (int a = 0; a < axes.Count; a++)
        {
            paths[a] = number % axes[a].Count;
            number /= axes[a].Count;
        }

        return paths;
    }
}
