using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// MultiHeadAttention of ONNX Runtime's contrib operators, with queries [N, L, H·d], keys [N, S, H·d] and values [N, S, H·e] apart,
/// bias [2·H·d + H·e], attention bias [.., H, L, S] → Y [N, L, H·e]. Packed forms and keys from before are left as they are.
/// </summary>
internal sealed class MultiHeadAttentionRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.MultiHeadAttention"];

    public string Relation =>
        "A head is its part of the queries [N, L, H·d], keys [N, S, H·d], values [N, S, H·e], of the bias and of Y [N, L, H·e]; num_heads "
        + "is rewritten. Packed inputs freeze what they touch.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string[] qkv = [.. Enumerable.Range(0, 3).Select(i => node.InputAt(i)).OfType<string>()];
        if (qkv.Length < 3 || qkv.Any(v => c.Rank(v) != 3) || node.Input.Skip(6).Any(i => i.Length > 0))
        {
            c.Unknown(node, "packed queries, keys and values, or keys from before");
            return;
        }

        long heads = node.GetInt("num_heads", 0);
        HeadIds?[] parts = [.. qkv.Select(v => HeadIds.Of(c, v, 2, heads))];
        if (!Heads.Fit(parts[0], parts[1], parts[2]))
        {
            c.Unknown(node, "widths that are no whole number of heads");
            return;
        }

        foreach ((string value, int axis) in qkv.SelectMany(v => new[] { (v, 0), (v, 1) }))
        {
            c.FreezeAxis(value, axis, $"{node.Describe()}: axis of the batch or of positions");
        }

        if (node.InputAt(3) is { } bias)
        {
            TieBias(c, bias, parts!);
        }

        int[]? output = Heads.Relate(c, parts[0]!, parts[1]!, parts[2]!);
        c.MaskValue(qkv[0], 2);
        int[]? each = c.Options.CutsInsideHeads ? null : Heads.OfEach(parts[0]!.Ids, parts[0]!.Width);
        Heads.RelateScores(c, node, node.InputAt(5), each, "positions inside heads");
        foreach (string mask in node.Given(4))
        {
            c.FreezeAll(mask, $"{node.Describe()}: a mask of positions");
        }

        c.SetOutput(node, 0, output is null ? Layout.Fixed(c.Of(qkv[0]).Reason) : new Layout([AxisIds.Single(2, output)], c.Of(qkv[0]).Reason));
        for (int i = 1; i < node.Output.Count; i++)
        {
            c.SetOutput(node, i, each is null || heads == 1 ? Layout.Fixed("keys and values") : new Layout([AxisIds.Single(1, each)], "keys and values"));
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string q = node.Input[0];
        int width = s.Length(q, 2) / (int)node.GetInt("num_heads", 1);
        AttentionAttributes.RewriteHeads(node, s, q, 2, "num_heads");
        AttentionAttributes.KeepScale(node, width, s.LengthAfter(q, 2) / (int)node.GetInt("num_heads", 1));
    }

    private static void TieBias(CouplingBuilder c, string bias, HeadIds?[] parts)
    {
        int[]? ids = c.Ids(bias, 0);
        // The bias is added inside, after the place where a mask can be put on the queries.
        c.Mark(ids, SliceRole.Output);
        if (!WeightChain.IsMasked(c, bias))
        {
            c.MaskValue(bias, 0);
        }

        int start = 0;
        foreach (HeadIds part in parts.OfType<HeadIds>())
        {
            int length = part.Count * part.Width;
            c.Match(part.Ids, part.Reason, ids?[start..(start + length)], c.Of(bias).Reason);
            start += length;
        }
    }
}
