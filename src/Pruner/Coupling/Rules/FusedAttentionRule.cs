using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Attention of ONNX Runtime's contrib operators: X [N, L, D], weights [D, 2·H·d + H·e] and bias [2·H·d + H·e] of queries, keys and
/// values one after the other, attention bias [.., H, L, L] → Y [N, L, H·e]. QAttention is the same over 8-bit X and weights.
/// </summary>
internal sealed class FusedAttentionRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.Attention", "com.microsoft.QAttention"];

    public string Relation =>
        "X [N, L, D] shares the ids of D with the rows of the weights [D, 2·H·d + H·e]; a head is its columns of queries, keys and values, "
        + "their bias and its part of Y [N, L, H·e]; num_heads and qkv_hidden_sizes are rewritten.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        bool quantized = node.OpType == "QAttention";
        (string x, string w) = (node.Input[0], node.Input[1]);
        int heads = (int)node.GetInt("num_heads", 0);
        int columns = c.Dims(w) is [_, var n] ? n : 0;
        long[] sizes = Sizes(node, columns);
        if (heads < 1 || sizes.Any(s => s < 1 || s % heads != 0) || sizes.Sum() != columns || sizes[0] != sizes[1] || c.Rank(x) != 3 || node.GetInt("do_rotary", 0) != 0)
        {
            c.Unknown(node, "weights that are no whole number of heads, or a rotation inside");
            return;
        }

        if (quantized && c.Options.CutsInsideHeads)
        {
            // QAttention takes queries, keys and values for equally wide, and positions of values go on their own.
            c.Unknown(node, "positions inside heads");
            return;
        }

        // From the fourth input on the two differ; keys and values from before have the heads that the caller gives them.
        string? past = node.InputAt(quantized ? 8 : 4);
        if (past is not null || (quantized && node.Given(3, 4, 6, 7).Any(p => c.Dims(p) is not ([] or [1]))))
        {
            c.Unknown(node, past is null ? "scales by column" : "keys and values from before");
            return;
        }

        foreach (int axis in new[] { 0, 1 })
        {
            c.FreezeAxis(x, axis, $"{node.Describe()}: axis of the batch or of positions");
        }

        int[]? reads = c.Ids(w, 0);
        int[]? makes = c.Ids(w, 1);
        c.Mark(reads, SliceRole.Input);
        c.Mark(makes, SliceRole.Output);
        c.Match(c.Ids(x, 2), c.Of(x).Reason, reads, c.Of(w).Reason);
        if (!WeightChain.IsMasked(c, w))
        {
            c.MaskValue(w, 0);
            c.MaskValue(w, 1);
        }

        if (node.InputAt(2) is { } bias)
        {
            int[]? shifts = c.Ids(bias, 0);
            // Scores are made inside, where no later weights mask what the bias puts there.
            c.Mark(shifts, SliceRole.Output);
            if (!WeightChain.IsMasked(c, bias))
            {
                c.MaskValue(bias, 0);
            }

            c.Match(makes, c.Of(w).Reason, shifts, c.Of(bias).Reason);
        }

        HeadIds[] qkv = [.. Parts(makes, sizes).Select(p => HeadIds.Of(p.Ids, p.Length, heads, c.Of(w).Reason)!)];
        int[]? output = Heads.Relate(c, qkv[0], qkv[1], qkv[2]);
        int[]? each = c.Options.CutsInsideHeads ? null : Heads.OfEach(qkv[0].Ids, qkv[0].Width);
        Heads.RelateScores(c, node, quantized ? null : node.InputAt(5), each, "positions inside heads");
        foreach (string mask in node.Given(quantized ? 5 : 3))
        {
            c.FreezeAll(mask, $"{node.Describe()}: a mask of positions");
        }

        c.SetOutput(node, 0, output is null ? Layout.Fixed(c.Of(w).Reason) : new Layout([AxisIds.Single(2, output)], c.Of(x).Reason));
        // Keys and values one after the other: [2, N, H, L, d].
        c.SetOutput(node, 1, each is null || heads == 1 ? Layout.Fixed("keys and values") : new Layout([AxisIds.Single(2, each)], "keys and values"));
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string w = node.Input[1];
        if (!s.IsCut(w, 1))
        {
            return;
        }

        int heads = (int)node.GetInt("num_heads", 1);
        long[] sizes = Sizes(node, s.Length(w, 1));
        int start = 0;
        var after = new List<long>();
        foreach (long size in sizes)
        {
            after.Add(s.CountBefore(w, 1, start + (int)size) - s.CountBefore(w, 1, start));
            start += (int)size;
        }

        int left = AttentionAttributes.HeadsAfter(s, w, 1, heads, 0, (int)sizes[0]);
        node.SetInt("num_heads", left);
        if (node.OpType == "Attention")
        {
            node.SetInts("qkv_hidden_sizes", after);
        }

        AttentionAttributes.KeepScale(node, (int)sizes[0] / heads, (int)after[0] / left);
    }

    private static long[] Sizes(NodeProto node, int columns) =>
        node.GetInts("qkv_hidden_sizes") is { Length: 3 } given ? given : [columns / 3, columns / 3, columns / 3];

    private static IEnumerable<(int[]? Ids, int Length)> Parts(int[]? ids, long[] sizes)
    {
        int start = 0;
        foreach (int size in sizes.Select(s => (int)s))
        {
            yield return (ids?[start..(start + size)], size);
            start += size;
        }
    }
}
