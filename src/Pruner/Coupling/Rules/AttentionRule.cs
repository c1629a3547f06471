using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Attention (opset 23): Q [N, L, H·d], K [N, S, G·d], V [N, S, G·e] with the numbers of heads H and G as attributes, or the same as
/// [N, H, L, d] → Y [N, L, H·e] or [N, H, L, e]; mask […, H, L, S]; past and present keys and values [N, G, S, …].
/// </summary>
internal sealed class AttentionRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Attention"];

    public string Relation =>
        "Q [N, L, H·d], K [N, S, G·d] and V [N, S, G·e] (or [N, H, L, d]): a head of keys and values goes with the H/G heads of queries "
        + "that share it and with their part of Y; q_num_heads and kv_num_heads are rewritten.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string[] qkv = [.. node.Input.Take(3)];
        int rank = c.Rank(qkv[0]);
        if (rank is not (3 or 4) || qkv.Any(v => c.Rank(v) != rank))
        {
            c.Unknown(node, "queries, keys and values of different rank");
            return;
        }

        if (rank == 4)
        {
            Separate(node, c, qkv);
            return;
        }

        long heads = node.GetInt("q_num_heads", 0);
        long shared = node.GetInt("kv_num_heads", heads);
        HeadIds? q = HeadIds.Of(c, qkv[0], 2, heads);
        HeadIds? k = HeadIds.Of(c, qkv[1], 2, shared);
        HeadIds? v = HeadIds.Of(c, qkv[2], 2, shared);
        if (!Heads.Fit(q, k, v))
        {
            c.Unknown(node, "widths that are no whole number of heads");
            return;
        }

        FreezeLeading(node, c, qkv, [0, 1]);
        if (c.Options.CutsInsideHeads && HasPast(node))
        {
            c.Unknown(node, "positions inside heads with keys and values from before");
            return;
        }

        int[]? output = Heads.Relate(c, q!, k!, v!);
        c.MaskValue(qkv[0], 2);
        SetOutput(c, node, 0, 2, output);
        bool whole = !c.Options.CutsInsideHeads;
        Others(node, c, whole ? Heads.OfEach(q!.Ids, q.Width) : null, whole ? Heads.OfEach(k!.Ids, k.Width) : null);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        bool flat = s.Rank(node.Input[0]) == 3;
        if (!node.Input.Take(3).Any(s.IsCut))
        {
            return;
        }

        string q = node.Input[0];
        if (!flat)
        {
            AttentionAttributes.KeepScale(node, s.Length(q, 3), s.LengthAfter(q, 3));
            return;
        }

        int width = s.Length(q, 2) / (int)node.GetInt("q_num_heads", 1);
        AttentionAttributes.RewriteHeads(node, s, q, 2, "q_num_heads");
        AttentionAttributes.RewriteHeads(node, s, node.Input[1], 2, "kv_num_heads");
        AttentionAttributes.KeepScale(node, width, s.LengthAfter(q, 2) / (int)node.GetInt("q_num_heads", 1));
    }

    // Heads on an axis of their own, and the width of each on another.
    private static void Separate(NodeProto node, CouplingBuilder c, string[] qkv)
    {
        FreezeLeading(node, c, qkv, [0, 2]);
        if (c.Options.CutsInsideHeads && !HasPast(node))
        {
            foreach (string value in qkv)
            {
                c.Ids(value, 3);
            }
        }

        int[]?[] heads = [.. qkv.Select(v => c.Ids(v, 1))];
        int count = c.Dims(qkv[0])![1];
        int shared = c.Dims(qkv[1])![1];
        if (shared == 0 || count % shared != 0)
        {
            c.Unknown(node, $"{count} heads of queries over {shared} of keys");
            return;
        }

        int[]? first = heads[0];
        for (int i = 1; i < 3; i++)
        {
            int[]? spread = heads[i] is { } ids ? [.. Enumerable.Range(0, count).Select(h => ids[h / (count / shared)])] : null;
            if (shared > 1 || first is null)
            {
                c.Match(first, c.Of(qkv[0]).Reason, spread, c.Of(qkv[i]).Reason);
            }
        }

        c.Name(first, count > shared && shared > 1 ? UnitKind.KeyValueGroup : UnitKind.Head);
        if (HasPast(node))
        {
            c.FreezeAxis(qkv[1], 3, $"{node.Describe()}: as wide as the keys from before");
            c.FreezeAxis(qkv[2], 3, $"{node.Describe()}: as wide as the values from before");
        }

        c.Match(c.Ids(qkv[0], 3), c.Of(qkv[0]).Reason, c.Ids(qkv[1], 3), c.Of(qkv[1]).Reason);
        c.MaskValue(qkv[0], 3);
        var groups = new List<AxisIds>();
        if (first is not null)
        {
            groups.Add(AxisIds.Single(1, first));
        }

        if (c.Ids(qkv[2], 3) is { } width)
        {
            groups.Add(AxisIds.Single(3, width));
        }

        c.SetOutput(node, 0, new Layout(groups, c.Of(qkv[0]).Reason));
        Others(node, c, first, heads[1]);
    }

    // The mask, the keys and values from before, and the outputs after the first.
    private static void Others(NodeProto node, CouplingBuilder c, int[]? heads, int[]? shared)
    {
        string reason = $"{node.Describe()}: the heads are fixed";
        Heads.RelateScores(c, node, node.InputAt(3), heads, reason);
        foreach (string past in node.Given(4, 5))
        {
            Heads.RelatePast(c, node, past, shared, reason);
        }

        SetOutput(c, node, 1, 1, shared);
        SetOutput(c, node, 2, 1, shared);
        SetOutput(c, node, 3, 1, heads);
    }

    private static bool HasPast(NodeProto node) => node.InputAt(4) is not null || node.InputAt(5) is not null;

    private static void FreezeLeading(NodeProto node, CouplingBuilder c, IEnumerable<string> values, int[] axes)
    {
        foreach ((string value, int axis) in values.SelectMany(v => axes.Select(a => (v, a))))
        {
            c.FreezeAxis(value, axis, $"{node.Describe()}: axis of the batch or of positions");
        }
    }

    private static void SetOutput(CouplingBuilder c, NodeProto node, int index, int axis, int[]? ids) =>
        c.SetOutput(node, index, ids is null || ids.Length < 2 ? Layout.Fixed($"{node.Describe()}: the heads are fixed") : new Layout([AxisIds.Single(axis, ids)], $"{node.Describe()}: axis of the batch or of positions"));
}
