using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static Pruner.Tests.AttentionParts;

namespace Pruner.Tests;

/// <summary>Attention, normalisations and products of computed values, as exporters write them.</summary>
internal static class TransformerShapes
{
    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("heads of separate q, k and v", g => g.Output(g.SelfAttention(g.X())), 3),
        new("positions inside heads where neurons are asked for", g => g.Output(g.SelfAttention(g.X())), 4 + 4, Options: InsideHeads),
        new("fused qkv split before the heads (Torch-Pruning#164)", SplitQkv, 3),
        new("fused qkv as [3, H, d] taken by Slice", SlicedQkv, 3),
        new("fused qkv as [H, 3, d] is no list of heads", InterleavedQkv, 3),
        new("positions inside the heads of a fused qkv", SlicedQkv, 4, Options: InsideHeads),
        new("keys repeated by Gather for shared query heads (Torch-Pruning#447, GQA)", SharedByGather, 2),
        new("one head of keys for all queries", MultiQuery, 3),
        new("batch and heads on one axis", FoldedBatch, 3),
        new("heads counted in a computed shape", g => ComputedHeads(g, dynamicAxes: 1), 3),
        new("heads counted in a shape of two computed lengths", g => ComputedHeads(g, dynamicAxes: 2), 3),
        new("width of a head divided out when the model runs", DividedWidth, 3),
        new("scale from the width of a head when the model runs", ScaleFromShape, 3),
        new("normalised queries and keys keep whole heads", NormalisedHeads, 3),
        new("queries and keys rotated by halves", RotatedByHalves, 3),
        new("bias on the scores by head (Swin)", BiasedScores, 3),
        new("temperature by head", Temperature, 3),
        new("channels attend to channels", ChannelAttention, 3),
        new("einsum heads and widths", EinsumAttention, 3 + 4 + 4),
        new("einsum with an ellipsis", g => g.Output(g.Node("Einsum", [g.Relu(g.Node("Einsum", [g.X(), g.Weights(12, 7)], ("equation", "...d,df->...f"))), g.Weights(7, 5)], ("equation", "blf,fo"))), 7),
        new("einsum of a diagonal is not elementwise", g => g.Output(g.Node("Einsum", [g.Dense(g.Input("x", 5, 4), 4, 5)], ("equation", "ii->i"))), 0),
        new("weights on the left", g => g.Output(g.Node("MatMul", [g.Weights(4, 9), g.Relu(g.Node("MatMul", [g.Weights(9, 7), g.Input("x", 7, 5)]))])), 9),
        new("matrix times vector", g => g.Output(g.Node("MatMul", [g.Relu(g.Dense(g.X(), 12, 9)), g.Weights(9)])), 9),
        new("vector times matrix", g => g.Output(g.Node("MatMul", [g.Relu(g.Node("MatMul", [g.Input("x", 7), g.Weights(7, 9)])), g.Weights(9, 3)])), 9),
        new("weights by head", WeightsByHead, 3 + 6),
        new("a product of computed values counts no bias of a removed unit", Bilinear, 6),
        new("scores against fixed keys", g => g.Output(g.Node("MatMul", [g.Node("Sigmoid", [g.Dense(g.X(), 12, 6)]), g.Node("Transpose", [g.Node("Sigmoid", [g.Weights(4, 6)])])])), 6),
        new("one bias of zero for all layers ties none of them", SharedZeros, 7 + 7),
        new("gelu written with erf", g => g.Output(g.Mlp(g.X(), 12, 7)), 7),
        new("gelu written with tanh", g => g.Output(g.Dense(g.GeluByTanh(g.Dense(g.X(), 12, 7)), 7, 5)), 7),
        new("embedding width under LayerNormalization is not exact", g => g.Output(g.Dense(g.LayerNorm(g.Dense(g.X(), 12, 8), 8), 8, 5)), 0),
        new("embedding width under LayerNormalization, inexact", g => g.Output(g.Dense(g.LayerNorm(g.Dense(g.X(), 12, 8), 8), 8, 5)), 8, Options: Inexact),
        new("LayerNormalization over two axes", g => g.Output(g.Dense(g.Node("LayerNormalization", [g.Dense(g.X(), 12, 8), g.Weights(5, 8)], ("axis", 1)), 8, 5)), 8, Options: Inexact),
        new("mean and deviation of LayerNormalization are read", Statistics, 8, Options: Inexact),
        new("LayerNormalization in parts is not exact", g => g.Output(g.Dense(g.LayerNormByParts(g.Dense(g.X(), 12, 8), 8), 8, 5)), 0, Opset: 13),
        new("LayerNormalization in parts, inexact", g => g.Output(g.Dense(g.LayerNormByParts(g.Dense(g.X(), 12, 8), 8), 8, 5)), 8, Opset: 13, Options: Inexact),
        new("RMS normalisation in parts, inexact", g => g.Output(g.Dense(g.RmsNormByParts(g.Dense(g.X(), 12, 8), 8), 8, 5)), 8, Opset: 13, Options: Inexact),
        new("RMSNormalization, inexact", g => g.Output(g.Dense(g.Node("RMSNormalization", [g.Dense(g.X(), 12, 8), g.Weights(8)]), 8, 5)), 8, Opset: 23, Options: Inexact),
        new("softmax over units, inexact", g => g.Output(g.Dense(g.Node("Softmax", [g.Dense(g.X(), 12, 8)], ("axis", -1)), 8, 5)), 8, Options: Inexact),
        new("softmax of opset 11 flattens", g => g.Output(g.Dense(g.Node("Softmax", [g.Dense(g.X(), 12, 8)], ("axis", 1)), 8, 5)), 0, Opset: 11),
        new("a norm sees no zeros", g => g.Output(g.Dense(g.Node("LpNormalization", [g.Dense(g.X(), 12, 8)], ("axis", -1), ("p", 2)), 8, 5)), 8),
        new("group normalisation of opset 18", g => GroupNorm(g, 4), 4, Opset: 18),
        new("group normalisation of opset 21", g => GroupNorm(g, 8), 4, Opset: 21),
        new("group normalisation as exported: instances of a view", GroupNormByInstances, 4),
        new("one group for all channels", g => g.Output(g.Conv(g.Node("GroupNormalization", [g.Conv(g.Input("x", 1, 3, 6, 6), 3, 8), g.Weights(1), g.Weights(1)], ("num_groups", 1)), 8, 4)), 8, Opset: 18, Options: Inexact),
        new("mean and variance by channel", g => g.Output(g.Conv(g.Node("MeanVarianceNormalization", [g.Conv(g.Input("x", 2, 3, 6, 6), 3, 8)], ("axes", new long[] { 0, 2, 3 })), 8, 4)), 8),
        new("mean over tokens", g => g.Output(g.Linear(g.Node("ReduceMean", [g.Relu(g.Dense(g.X(), 12, 8))], ("axes", new long[] { 1 }), ("keepdims", 0)), 8, 4)), 8, Opset: 13),
        new("positions are no units of the embedding", PositionsAdded, 6, Options: Inexact),
        new("tables of embeddings, inexact", Embeddings, 8 + 2 + 7, Options: Inexact),
        new("encoder layers share one embedding", g => g.Output(g.Dense(g.EncoderLayer(g.EncoderLayer(g.Dense(g.X(), 12, 8), 8, 2, 3, 7), 8, 2, 3, 6), 8, 5)), 2 + 7 + 2 + 6),
        new("encoder layers share one embedding, inexact", g => g.Output(g.Dense(g.EncoderLayer(g.EncoderLayer(g.Dense(g.X(), 12, 8), 8, 2, 3, 7), 8, 2, 3, 6), 8, 5)), 8 + 2 + 7 + 2 + 6, Options: Inexact),
    ];

    private static GraphBuilder SplitQkv(GraphBuilder g)
    {
        string[] parts = g.Nodes("Split", [g.Dense(g.X(), 12, 36), g.Ints(12, 12, 12)], 3, ("axis", 2));
        string[] qkv = [.. parts.Select(p => g.ToHeads(p, 3, 4))];
        return g.Output(g.FromHeads(g.Mix(qkv[0], qkv[1], qkv[2]), 3, 4));
    }

    private static GraphBuilder SlicedQkv(GraphBuilder g)
    {
        string view = g.Shaped(g.Dense(g.X(), 12, 36), 1, Tokens, 3, 3, 4);
        string[] qkv = [.. Enumerable.Range(0, 3).Select(i =>
        {
            string part = g.Node("Slice", [view, g.Ints(i), g.Ints(i + 1), g.Ints(2)]);
            return g.Perm(g.Node("Squeeze", [part, g.Ints(2)]), 0, 2, 1, 3);
        })];
        return g.Output(g.FromHeads(g.Mix(qkv[0], qkv[1], qkv[2]), 3, 4));
    }

    private static GraphBuilder InterleavedQkv(GraphBuilder g)
    {
        string view = g.Perm(g.Shaped(g.Dense(g.X(), 12, 36), 1, Tokens, 3, 3, 4), 3, 0, 2, 1, 4);
        string[] qkv = [.. Enumerable.Range(0, 3).Select(i => g.Node("Gather", [view, g.Initializer(TensorEditor.FromInts($"part{i}", [i]))], ("axis", 0)))];
        return g.Output(g.FromHeads(g.Mix(qkv[0], qkv[1], qkv[2]), 3, 4));
    }

    private static GraphBuilder SharedByGather(GraphBuilder g)
    {
        string x = g.X();
        string q = g.ToHeads(g.Dense(x, 12, 16), 4, 4);
        string Repeated() => g.Node("Gather", [g.ToHeads(g.Dense(x, 12, 8), 2, 4), g.Ints(0, 0, 1, 1)], ("axis", 1));
        return g.Output(g.FromHeads(g.Mix(q, Repeated(), Repeated()), 4, 4));
    }

    private static GraphBuilder MultiQuery(GraphBuilder g)
    {
        string x = g.X();
        string q = g.ToHeads(g.Dense(x, 12, 12), 3, 4);
        return g.Output(g.FromHeads(g.Mix(q, g.ToHeads(g.Dense(x, 12, 4), 1, 4), g.ToHeads(g.Dense(x, 12, 4), 1, 4)), 3, 4));
    }

    // As torch.nn.MultiheadAttention is exported: [L, N, D] to [L, N·H, d] to [N·H, L, d].
    private static GraphBuilder FoldedBatch(GraphBuilder g)
    {
        string x = g.Input("x", Tokens, 2, 12);
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.Perm(g.Shaped(g.Dense(x, 12, 12), Tokens, 6, 4), 1, 0, 2))];
        string scores = g.Node("Softmax", [g.Node("MatMul", [qkv[0], g.Perm(qkv[1], 0, 2, 1)])], ("axis", -1));
        string mixed = g.Shaped(g.Perm(g.Node("MatMul", [scores, qkv[2]]), 1, 0, 2), Tokens, 2, 12);
        return g.Output(g.Dense(mixed, 12, 12));
    }

    private static string Length(GraphBuilder g, string value, int axis)
    {
        string one = g.Node("Gather", [g.Node("Shape", [value]), g.Initializer(TensorEditor.FromInts(g.FreshName("axis"), [axis]))], ("axis", 0));
        return g.Node("Unsqueeze", [one, g.Ints(0)]);
    }

    // The merged width is read from the embedding, which stays as wide as it is when heads go.
    private static GraphBuilder ComputedHeads(GraphBuilder g, int dynamicAxes)
    {
        string x = g.X();
        string length = dynamicAxes > 1 ? Length(g, x, 1) : g.Ints(Tokens);
        string heads = g.Node("Concat", [Length(g, x, 0), length, g.Ints(3), g.Ints(4)], ("axis", 0));
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.Perm(g.Node("Reshape", [g.Dense(x, 12, 12), heads]), 0, 2, 1, 3))];
        string merged = g.Node("Concat", [Length(g, x, 0), length, Length(g, x, 2)], ("axis", 0));
        string mixed = g.Perm(g.Mix(qkv[0], qkv[1], qkv[2]), 0, 2, 1, 3);
        return g.Output(g.Dense(g.Node("Reshape", [mixed, merged]), 12, 12));
    }

    private static GraphBuilder DividedWidth(GraphBuilder g)
    {
        string x = g.Dense(g.X(), 12, 12);
        string y = g.Dense(x, 12, 12);
        string width = g.Node("Div", [Length(g, y, 2), g.Ints(3)]);
        string heads = g.Node("Concat", [Length(g, x, 0), g.Ints(Tokens), g.Ints(3), width], ("axis", 0));
        string[] qkv = [.. new[] { y, g.Dense(x, 12, 12), g.Dense(x, 12, 12) }.Select(v => g.Perm(g.Node("Reshape", [v, heads]), 0, 2, 1, 3))];
        return g.Output(g.FromHeads(g.Mix(qkv[0], qkv[1], qkv[2]), 3, 4), x);
    }

    private static GraphBuilder ScaleFromShape(GraphBuilder g)
    {
        string x = g.X();
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.ToHeads(g.Dense(x, 12, 12), 3, 4))];
        string root = g.Node("Sqrt", [g.Node("Cast", [Length(g, qkv[0], 3)], ("to", 1))]);
        return g.Output(g.FromHeads(g.Mix(g.Node("Div", [qkv[0], root]), qkv[1], qkv[2]), 3, 4));
    }

    private static GraphBuilder NormalisedHeads(GraphBuilder g)
    {
        string x = g.X();
        string Normalised() => g.Perm(g.LayerNorm(g.Shaped(g.Dense(x, 12, 12), 1, Tokens, 3, 4), 4), 0, 2, 1, 3);
        return g.Output(g.FromHeads(g.Mix(Normalised(), Normalised(), g.ToHeads(g.Dense(x, 12, 12), 3, 4)), 3, 4));
    }

    private static GraphBuilder RotatedByHalves(GraphBuilder g)
    {
        string x = g.X();
        string cos = g.Weights(1, 1, Tokens, 4);
        string sin = g.Weights(1, 1, Tokens, 4);
        string Rotated()
        {
            string q = g.ToHeads(g.Dense(x, 12, 12), 3, 4);
            string first = g.Node("Slice", [q, g.Ints(0), g.Ints(2), g.Ints(3)]);
            string second = g.Node("Slice", [q, g.Ints(2), g.Ints(long.MaxValue), g.Ints(3)]);
            string turned = g.Node("Concat", [g.Node("Neg", [second]), first], ("axis", -1));
            return g.Node("Add", [g.Node("Mul", [q, cos]), g.Node("Mul", [turned, sin])]);
        }

        return g.Output(g.FromHeads(g.Mix(Rotated(), Rotated(), g.ToHeads(g.Dense(x, 12, 12), 3, 4)), 3, 4));
    }

    private static GraphBuilder BiasedScores(GraphBuilder g)
    {
        string x = g.X();
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.ToHeads(g.Dense(x, 12, 12), 3, 4))];
        string scores = g.Node("Add", [g.Node("MatMul", [qkv[0], g.Perm(qkv[1], 0, 1, 3, 2)]), g.Weights(1, 3, Tokens, Tokens)]);
        return g.Output(g.FromHeads(g.Node("MatMul", [g.Node("Softmax", [scores]), qkv[2]]), 3, 4));
    }

    private static GraphBuilder Temperature(GraphBuilder g)
    {
        string x = g.X();
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.ToHeads(g.Dense(x, 12, 12), 3, 4))];
        return g.Output(g.FromHeads(g.Mix(g.Node("Mul", [qkv[0], g.Weights(3, 1, 1)]), qkv[1], qkv[2]), 3, 4));
    }

    // XCiT: softmax runs over the positions inside heads, so that whole heads are left.
    private static GraphBuilder ChannelAttention(GraphBuilder g)
    {
        string x = g.X();
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.Perm(g.Shaped(g.Dense(x, 12, 12), 1, Tokens, 3, 4), 0, 2, 3, 1))];
        string scores = g.Node("Softmax", [g.Node("MatMul", [qkv[0], g.Perm(qkv[1], 0, 1, 3, 2)])], ("axis", -1));
        string mixed = g.Perm(g.Node("MatMul", [scores, qkv[2]]), 0, 3, 1, 2);
        return g.Output(g.Dense(g.Shaped(mixed, 1, Tokens, 12), 12, 12));
    }

    private static GraphBuilder EinsumAttention(GraphBuilder g)
    {
        string x = g.X();
        string Made() => g.Node("Add", [g.Node("Einsum", [x, g.Weights(12, 3, 4)], ("equation", "bld,dhk->blhk")), g.Weights(3, 4)]);
        string scores = g.Node("Softmax", [g.Node("Einsum", [Made(), Made()], ("equation", "bqhk, bshk -> bhqs"))], ("axis", -1));
        string mixed = g.Node("Einsum", [scores, Made()], ("equation", "bhqs,bshk->bqhk"));
        return g.Output(g.Node("Einsum", [mixed, g.Weights(3, 4, 12)], ("equation", "bqhk,hkd->bqd")));
    }

    private static GraphBuilder WeightsByHead(GraphBuilder g)
    {
        string hidden = g.Relu(g.Node("MatMul", [g.Input("x", 1, Tokens, 12), g.Weights(3, 12, 6)]));
        string each = g.Node("MatMul", [hidden, g.Weights(3, 6, 5)]);
        return g.Output(g.Dense(g.Shaped(g.Perm(each, 1, 0, 2), 1, Tokens, 15), 15, 4));
    }

    private static GraphBuilder Bilinear(GraphBuilder g)
    {
        string x = g.X();
        return g.Output(g.Node("MatMul", [g.Node("Sigmoid", [g.Dense(x, 12, 6)]), g.Perm(g.Node("Sigmoid", [g.Dense(x, 12, 6)]), 0, 2, 1)]));
    }

    private static GraphBuilder SharedZeros(GraphBuilder g)
    {
        string zeros = g.Initializer(TensorEditor.FromFloats("zeros", new float[7], 7));
        string first = g.Relu(g.Node("Add", [g.Node("MatMul", [g.X(), g.Weights(12, 7)]), zeros]));
        string second = g.Relu(g.Node("Add", [zeros, g.Node("MatMul", [first, g.Weights(7, 7)])]));
        return g.Output(g.Dense(second, 7, 4));
    }

    private static GraphBuilder Statistics(GraphBuilder g)
    {
        string y = g.Dense(g.X(), 12, 8);
        string[] outputs = g.Nodes("LayerNormalization", [y, g.Weights(8)], 3, ("axis", -1));
        return g.Output(g.Dense(outputs[0], 8, 5), outputs[1], outputs[2]);
    }

    private static GraphBuilder GroupNorm(GraphBuilder g, int parameters)
    {
        string y = g.Node("GroupNormalization", [g.Conv(g.Input("x", 1, 3, 6, 6), 3, 8), g.Weights(parameters), g.Weights(parameters)], ("num_groups", 4));
        return g.Output(g.Conv(g.Relu(y), 8, 4));
    }

    private static GraphBuilder GroupNormByInstances(GraphBuilder g)
    {
        string view = g.Shaped(g.Conv(g.Input("x", 1, 3, 6, 6), 3, 8), 0, 4, -1);
        string each = g.Shaped(g.Node("InstanceNormalization", [view, g.Weights(4), g.Weights(4)]), 1, 8, 6, 6);
        return g.Output(g.Conv(g.Node("Add", [g.Node("Mul", [each, g.Weights(8, 1, 1)]), g.Weights(8, 1, 1)]), 8, 4));
    }

    private static GraphBuilder PositionsAdded(GraphBuilder g)
    {
        // A class token before five others, positions for all six.
        string tokens = g.Node("Concat", [g.Weights(1, 1, 6), g.Dense(g.X(), 12, 6)], ("axis", 1));
        string placed = g.LayerNorm(g.Node("Add", [tokens, g.Weights(1, 6, 6)]), 6);
        string first = g.Node("Gather", [placed, g.Initializer(TensorEditor.FromInts("first", [0]))], ("axis", 1));
        return g.Output(g.Linear(first, 6, 4));
    }

    private static GraphBuilder Embeddings(GraphBuilder g)
    {
        string ids = g.IntInput("ids", EdgePrune.Onnx.Proto.TensorProto.Types.DataType.Int64, 1, Tokens);
        string words = g.Node("Gather", [g.Weights(20, 8), ids]);
        string x = g.LayerNorm(g.Node("Add", [words, g.Weights(1, Tokens, 8)]), 8);
        return g.Output(g.Dense(g.EncoderLayer(x, 8, 2, 3, 7), 8, 5));
    }
}
