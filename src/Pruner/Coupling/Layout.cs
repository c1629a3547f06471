namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// The unit ids that run along one axis of a tensor, or jointly along several: a Reshape that splits an axis of 64 into [8, 8]
/// leaves the 64 ids as they were, spread over two axes, and a later Reshape that joins them finds them again. That is how
/// channel shuffles and attention heads need no rules of their own.
/// </summary>
/// <param name="Axes">The axes, ascending or not; <paramref name="Ids"/> is row-major over them in this order.</param>
/// <param name="Sizes">Length of each of the axes.</param>
/// <param name="Ids">One id for each combination of indices. An id may stand more than once.</param>
internal sealed record AxisIds(int[] Axes, int[] Sizes, int[] Ids)
{
    public bool IsSingle => Axes.Length == 1;

    public static AxisIds Single(int axis, int[] ids) => new([axis], [ids.Length], ids);

    /// <summary>The same ids with the axes renumbered.</summary>
    public AxisIds Move(Func<int, int> to) => this with { Axes = [.. Axes.Select(to)] };

    /// <summary>The ids of each slab along axis number <paramref name="position"/> of <see cref="Axes"/>.</summary>
    public IEnumerable<IReadOnlyList<int>> Slabs(int position)
    {
        int inner = 1;
        for (int i = position + 1; i < Sizes.Length; i++)
        {
            inner *= Sizes[i];
        }

        for (int s = 0; s < Sizes[position]; s++)
        {
            var slab = new List<int>(Ids.Length / Sizes[position]);
            for (int start = s * inner; start < Ids.Length; start += inner * Sizes[position])
            {
                slab.AddRange(Ids.AsSpan(start, inner));
            }

            yield return slab;
        }
    }
}

/// <summary>Which axes of a tensor carry unit ids. Axes that are in no group are fixed: nothing can be cut there.</summary>
/// <param name="Groups">No axis is in two groups.</param>
/// <param name="Reason">Why the other axes are fixed.</param>
internal sealed record Layout(IReadOnlyList<AxisIds> Groups, string Reason)
{
    public static Layout Fixed(string reason) => new([], reason);

    public AxisIds? GroupOf(int axis) => Groups.FirstOrDefault(g => g.Axes.Contains(axis));

    public Layout With(AxisIds group) => this with { Groups = [.. Groups, group] };

    public Layout Without(AxisIds group) => this with { Groups = [.. Groups.Where(g => !ReferenceEquals(g, group))] };
}
