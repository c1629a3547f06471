namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// Disjoint sets of indices, with path halving and union by size. A set can be frozen, with the first reason given; a union with
/// a frozen set is frozen.
/// </summary>
internal sealed class UnionFind
{
    private readonly List<int> parents = [];
    private readonly List<int> sizes = [];
    private readonly Dictionary<int, string> reasons = [];
    private readonly Dictionary<int, string> inexact = [];
    private readonly Dictionary<int, UnitKind> kinds = [];

    /// <summary>Adds <paramref name="count"/> sets of one index each and returns the indices.</summary>
    public int[] Add(int count)
    {
        int[] made = new int[count];
        for (int i = 0; i < count; i++)
        {
            made[i] = parents.Count;
            parents.Add(made[i]);
            sizes.Add(1);
        }

        return made;
    }

    public int Find(int index)
    {
        while (parents[index] != index)
        {
            parents[index] = parents[parents[index]];
            index = parents[index];
        }

        return index;
    }

    /// <summary>Joins two sets; true where they were apart.</summary>
    public bool Union(int a, int b)
    {
        a = Find(a);
        b = Find(b);
        if (a == b)
        {
            return false;
        }

        if (sizes[a] < sizes[b])
        {
            (a, b) = (b, a);
        }

        parents[b] = a;
        sizes[a] += sizes[b];
        if (reasons.Remove(b, out string? reason))
        {
            reasons.TryAdd(a, reason);
        }

        if (inexact.Remove(b, out string? why))
        {
            inexact.TryAdd(a, why);
        }

        if (kinds.Remove(b, out UnitKind kind))
        {
            Name(a, kind);
        }

        return true;
    }

    public void Freeze(int index, string reason) => reasons.TryAdd(Find(index), reason);

    /// <summary>Why the set of <paramref name="index"/> is frozen, or null where it is not.</summary>
    public string? Reason(int index) => reasons.GetValueOrDefault(Find(index));

    /// <summary>Says that cutting the set and masking it differ by nature.</summary>
    public void MarkInexact(int index, string reason) => inexact.TryAdd(Find(index), reason);

    /// <summary>Why cutting and masking the set of <paramref name="index"/> differ, or null where they do not.</summary>
    public string? Inexact(int index) => inexact.GetValueOrDefault(Find(index));

    /// <summary>Says what kind of unit a set is; the later of several in <see cref="UnitKind"/> stands.</summary>
    public void Name(int index, UnitKind kind)
    {
        int root = Find(index);
        kinds[root] = (UnitKind)Math.Max((int)kinds.GetValueOrDefault(root), (int)kind);
    }

    public UnitKind Kind(int index) => kinds.GetValueOrDefault(Find(index));
}
