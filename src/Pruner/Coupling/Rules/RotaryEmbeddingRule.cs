using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// RotaryEmbedding (opset 23, and ONNX Runtime's own): X [N, L, H·d] or [N, H, L, d], tables of cosines and sines […, r/2], where the
/// first r of d positions are rotated, each with its partner half a rotation away (or next to it, interleaved). Whole heads pass;
/// where positions inside heads are wanted and all of them are rotated, a pair goes from every head, with its column of the tables.
/// </summary>
internal sealed class RotaryEmbeddingRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["RotaryEmbedding", "com.microsoft.RotaryEmbedding"];

    public string Relation =>
        "X [N, L, H·d] or [N, H, L, d]: heads pass; inside a head the two positions that are rotated together go together, with their "
        + "column of the tables; num_heads is rewritten.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        int rank = c.Rank(x);
        int last = rank - 1;
        (string cos, string sin) = Tables(node);
        if (rank is not (3 or 4) || c.Dims(cos) is not { Length: > 1 } table || node.GetInt("is_packed_batching", 0) != 0)
        {
            c.Unknown(node, "not [N, L, H·d] or [N, H, L, d]");
            return;
        }

        int length = c.Dims(x)![last];
        int width = rank == 4 ? length : Width(node, length, table[^1]);
        if (width < 1 || length % width != 0)
        {
            c.Unknown(node, "a width that is no whole number of heads");
            return;
        }

        foreach (int axis in new[] { 0, last - 1 })
        {
            c.KeepLength(x, axis, $"{node.Describe()}: axis of the batch or of positions");
        }

        if (node.InputAt(node.IsStandard() ? 3 : 1) is { } places)
        {
            c.FreezeAll(places, $"{node.Describe()}: positions");
        }

        foreach (string value in new[] { cos, sin })
        {
            for (int axis = 0; axis < table.Length - 1; axis++)
            {
                c.FreezeAxis(value, axis, $"{node.Describe()}: axis of positions");
            }
        }

        bool pairs = c.Options.CutsInsideHeads && 2 * table[^1] == width && node.GetInt("rotary_embedding_dim", 0) is 0;
        // [N, H, L, d]: where heads and their width came out of one axis, the heads are the units.
        if (!pairs && rank == 4 && c.Of(x).GroupOf(last) is { IsSingle: false } joint && joint.Axes.Contains(1))
        {
            c.Ids(x, 1);
        }

        bool single = length == width;
        if (!pairs && rank == 3 && !single)
        {
            Heads.Tie(c, HeadIds.Of(c, x, last, length / width)!);
            Freeze(node, c, cos, sin);
        }
        else if (c.Ids(x, last) is { } ids && (pairs || single))
        {
            Pair(node, c, ids, width, cos, sin);
        }
        else
        {
            Freeze(node, c, cos, sin);
        }

        c.SetOutput(node, 0, c.Of(x));
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        int last = s.Rank(x) - 1;
        if (last == 2 && node.GetInt("num_heads", 0) is > 0 and var heads)
        {
            int left = AttentionAttributes.HeadsAfter(s, x, last, (int)heads);
            node.SetInt("num_heads", left);
        }
    }

    private static (string Cos, string Sin) Tables(NodeProto node) => node.IsStandard() ? (node.Input[1], node.Input[2]) : (node.Input[2], node.Input[3]);

    // ONNX Runtime's operator takes the width of the tables where it is not told the number of heads.
    private static int Width(NodeProto node, int length, int table) =>
        node.GetInt("num_heads", 0) is > 0 and var heads && length % heads == 0 ? length / (int)heads : node.IsStandard() ? 0 : 2 * table;

    private static void Freeze(NodeProto node, CouplingBuilder c, string cos, string sin)
    {
        foreach (string value in new[] { cos, sin })
        {
            c.FreezeAxis(value, c.Rank(value) - 1, $"{node.Describe()}: the rotation needs every position");
        }
    }

    // Pairs of positions, in all heads at once, with their column of the tables. What is not rotated stays as it is.
    private static void Pair(NodeProto node, CouplingBuilder c, int[] ids, int width, string cos, string sin)
    {
        int half = c.Dims(cos)![^1];
        if (2 * half != width || node.GetInt("rotary_embedding_dim", 0) != 0)
        {
            c.Freeze(ids, $"{node.Describe()}: rotates a part of each head");
            Freeze(node, c, cos, sin);
            return;
        }

        bool interleaved = node.GetInt("interleaved", 0) != 0;
        int[] pairs = new int[half];
        for (int i = 0; i < ids.Length; i++)
        {
            int at = i % width;
            int pair = interleaved ? at / 2 : at % half;
            c.Elements.Union(ids[i], ids[interleaved ? 2 * pair : pair]);
            pairs[pair] = ids[i];
        }

        foreach (string value in new[] { cos, sin })
        {
            if (half > 1)
            {
                c.Match(pairs, "", c.Ids(value, c.Rank(value) - 1), c.Of(value).Reason);
            }
        }
    }
}
