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

    /// <summary>The part at some indices of one axis; without <paramref name="keep"/> the axis leaves the group.</summary>
    public AxisIds Take(int axis, IReadOnlyList<int> indices, bool keep)
    {
        int position = Array.IndexOf(Axes, axis);
        int inner = Sizes.Skip(position + 1).Aggregate(1, (a, s) => a * s);
        int outer = Ids.Length / (inner * Sizes[position]);
        var ids = new List<int>(outer * indices.Count * inner);
        for (int o = 0; o < outer; o++)
        {
            foreach (int index in indices)
            {
                ids.AddRange(Ids.AsSpan(((o * Sizes[position]) + index) * inner, inner));
            }
        }

        return keep
            ? new AxisIds(Axes, [.. Sizes.Select((s, i) => i == position ? indices.Count : s)], [.. ids])
            : new AxisIds([.. Axes.Where(a => a != axis)], [.. Sizes.Where((_, i) => i != position)], [.. ids]);
    }

    /// <summary>
    /// Joint groups put together along one axis, in order, or null where they do not run over the same axes with the same lengths of
    /// the others.
    /// </summary>
    public static AxisIds? TryJoin(IReadOnlyList<AxisIds?> parts, int axis)
    {
        if (parts[0] is not { IsSingle: false } first)
        {
            return null;
        }

        int position = Array.IndexOf(first.Axes, axis);
        if (parts.Any(p => p is null || !p.Axes.SequenceEqual(first.Axes) || p.Sizes.Where((s, i) => i != position && s != first.Sizes[i]).Any()))
        {
            return null;
        }

        int outer = first.Sizes.Take(position).Aggregate(1, (a, s) => a * s);
        var ids = new List<int>();
        for (int o = 0; o < outer; o++)
        {
            foreach (AxisIds part in parts.OfType<AxisIds>())
            {
                int run = part.Ids.Length / outer;
                ids.AddRange(part.Ids.AsSpan(o * run, run));
            }
        }

        return new AxisIds(first.Axes, [.. first.Sizes.Select((s, i) => i == position ? parts.Sum(p => p!.Sizes[i]) : s)], [.. ids]);
    }

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
