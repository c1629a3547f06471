using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Ids along an axis of <paramref name="Count"/> heads of <paramref name="Width"/> positions each; null where the axis is fixed.</summary>
internal sealed record HeadIds(int[]? Ids, int Count, int Width, string Reason)
{
    public static HeadIds? Of(CouplingBuilder c, string value, int axis, long count) => Of(c.Ids(value, axis), c.Dims(value)![axis], count, c.Of(value).Reason);

    /// <summary>Null where the axis is no whole number of heads.</summary>
    public static HeadIds? Of(int[]? ids, int length, long count, string reason) =>
        count > 0 && length % count == 0 ? new HeadIds(ids, (int)count, length / (int)count, reason) : null;
}

/// <summary>
/// What the attention operators have in common: queries of H heads, keys and values of G heads, each shared by H/G heads of queries.
/// The units are heads (groups of heads, where they share keys and values), or, where the user wants neurons and no heads, the same
/// position in every head.
/// </summary>
internal static class Heads
{
    /// <summary>Relates queries, keys and values; returns the ids along the output's axis of heads times width.</summary>
    public static int[]? Relate(CouplingBuilder c, HeadIds q, HeadIds k, HeadIds v)
    {
        if (q.Ids is null || k.Ids is null || v.Ids is null)
        {
            // Heads need all three; positions need queries and keys, while those of values are their own.
            string reason = q.Ids is null ? q.Reason : k.Ids is null ? k.Reason : v.Reason;
            bool positions = c.Options.CutsInsideHeads && v.Ids is not null;
            c.Freeze([.. q.Ids ?? [], .. k.Ids ?? [], .. positions ? [] : v.Ids ?? []], reason);
            return positions ? Positions(c, v, q.Count) : v.Ids is null ? null : Spread(v, q.Count);
        }

        if (c.Options.CutsInsideHeads)
        {
            _ = Positions(c, q, q.Count);
            _ = Positions(c, k, k.Count);
            c.Unite(q.Ids.AsSpan(0, q.Width), k.Ids.AsSpan(0, k.Width));
            return Positions(c, v, q.Count);
        }

        int share = q.Count / k.Count;
        Tie(c, q);
        Tie(c, k);
        Tie(c, v);
        for (int head = 0; head < q.Count; head++)
        {
            c.Elements.Union(q.Ids[head * q.Width], k.Ids[head / share * k.Width]);
            c.Elements.Union(q.Ids[head * q.Width], v.Ids[head / share * v.Width]);
        }

        c.Name(q.Ids, share > 1 ? UnitKind.KeyValueGroup : UnitKind.Head);
        return Spread(v, q.Count);
    }

    /// <summary>True where queries, keys and values can be related: shared heads in whole numbers, one width of queries and keys.</summary>
    public static bool Fit(HeadIds? q, HeadIds? k, HeadIds? v) =>
        q is not null && k is not null && v is not null && q.Width == k.Width && k.Count == v.Count && q.Count % k.Count == 0;

    /// <summary>Makes each head one unit.</summary>
    public static void Tie(CouplingBuilder c, HeadIds heads)
    {
        for (int i = 0; i < heads.Ids?.Length; i++)
        {
            c.Elements.Union(heads.Ids[i], heads.Ids[i - (i % heads.Width)]);
        }
    }

    /// <summary>One id of each head, for an axis of heads; <paramref name="ids"/> run over heads times width.</summary>
    public static int[]? OfEach(int[]? ids, int width) => ids is null ? null : [.. ids.Where((_, i) => i % width == 0)];

    /// <summary>Relates what is added to scores [.., H, L, S], whose batch and positions stay as long as those of queries and keys.</summary>
    public static void RelateScores(CouplingBuilder c, NodeProto node, string? scores, int[]? heads, string reason)
    {
        if (scores is not null)
        {
            RelateAxis(c, node, scores, c.Rank(scores) - 3, heads, reason);
        }
    }

    /// <summary>Relates keys or values from before [N, G, S, d], which go on as wide as those that follow them.</summary>
    public static void RelatePast(CouplingBuilder c, NodeProto node, string past, int[]? heads, string reason) =>
        RelateAxis(c, node, past, 1, heads, reason);

    private static void RelateAxis(CouplingBuilder c, NodeProto node, string value, int axis, int[]? heads, string reason)
    {
        int[] dims = c.Dims(value)!;
        if (axis >= 0 && dims[axis] > 1)
        {
            c.Match(heads, reason, c.Ids(value, axis), c.Of(value).Reason);
        }

        foreach (int other in Enumerable.Range(0, dims.Length).Where(a => a != axis))
        {
            c.FreezeAxis(value, other, $"{node.Describe()}: axis of the batch, of positions or of their width");
        }
    }

    // Makes each position one unit in all heads; the ids as the output's heads have them.
    private static int[] Positions(CouplingBuilder c, HeadIds heads, int count)
    {
        for (int i = 0; i < heads.Ids!.Length; i++)
        {
            c.Elements.Union(heads.Ids[i], heads.Ids[i % heads.Width]);
        }

        return Spread(heads, count);
    }

    private static int[] Spread(HeadIds values, int count) =>
        [.. Enumerable.Range(0, count * values.Width).Select(i => values.Ids![(i / values.Width / (count / values.Count) * values.Width) + (i % values.Width)])];
}
