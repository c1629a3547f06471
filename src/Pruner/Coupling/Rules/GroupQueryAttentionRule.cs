using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// GroupQueryAttention of ONNX Runtime's contrib operators: queries [N, L, H·d], keys and values [N, L, G·d] → Y [N, L, H·d] and the
/// keys and values so far [N, G, S, d]. The rotation inside (do_rotary) is the same for all heads, so that whole heads can go.
/// </summary>
internal sealed class GroupQueryAttentionRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["com.microsoft.GroupQueryAttention"];

    public string Relation =>
        "A head of keys and values goes with the H/G heads of queries that share it: its parts of the queries [N, L, H·d], keys and values "
        + "[N, L, G·d], of Y [N, L, H·d] and of the keys and values so far; num_heads and kv_num_heads are rewritten.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string[] qkv = [.. Enumerable.Range(0, 3).Select(i => node.InputAt(i)).OfType<string>()];
        if (qkv.Length < 3 || qkv.Any(v => c.Rank(v) != 3) || c.Options.CutsInsideHeads || node.Input.Skip(9).Any(i => i.Length > 0))
        {
            c.Unknown(node, "packed queries, keys and values, a bias on the scores, or positions inside heads");
            return;
        }

        HeadIds? q = HeadIds.Of(c, qkv[0], 2, node.GetInt("num_heads", 0));
        HeadIds? k = HeadIds.Of(c, qkv[1], 2, node.GetInt("kv_num_heads", 0));
        HeadIds? v = HeadIds.Of(c, qkv[2], 2, node.GetInt("kv_num_heads", 0));
        if (!Heads.Fit(q, k, v))
        {
            c.Unknown(node, "widths that are no whole number of heads");
            return;
        }

        foreach ((string value, int axis) in qkv.SelectMany(value => new[] { (value, 0), (value, 1) }))
        {
            c.FreezeAxis(value, axis, $"{node.Describe()}: axis of the batch or of positions");
        }

        int[]? output = Heads.Relate(c, q!, k!, v!);
        int[]? shared = Heads.OfEach(k!.Ids, k.Width);
        foreach (string past in node.Given(3, 4))
        {
            Heads.RelatePast(c, node, past, shared, k.Reason);
        }

        foreach (string cache in node.Given(7, 8))
        {
            c.FreezeAll(cache, $"{node.Describe()}: the rotation needs every position");
        }

        c.SetOutput(node, 0, output is null ? Layout.Fixed(q!.Reason) : new Layout([AxisIds.Single(2, output)], q!.Reason));
        for (int i = 1; i < node.Output.Count; i++)
        {
            c.SetOutput(node, i, shared is null || k.Count == 1 ? Layout.Fixed(k.Reason) : new Layout([AxisIds.Single(1, shared)], "keys and values"));
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        AttentionAttributes.RewriteHeads(node, s, node.Input[0], 2, "num_heads");
        if (node.InputAt(1) is { } keys)
        {
            AttentionAttributes.RewriteHeads(node, s, keys, 2, "kv_num_heads");
        }
    }
}
