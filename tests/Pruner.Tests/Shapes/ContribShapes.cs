using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static EdgePrune.Onnx.Proto.TensorProto.Types;
using static Pruner.Tests.AttentionParts;

namespace Pruner.Tests;

/// <summary>Attention of opset 23 and the fused operators of ONNX Runtime, as its optimiser and its model builder write them.</summary>
internal static class ContribShapes
{
    private const string Contrib = "com.microsoft.";

    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("Attention of opset 23", g => Attention23(g, 3, 3), 3, Opset: 23),
        new("Attention of opset 23 with shared keys", g => Attention23(g, 4, 2), 2, Opset: 23),
        new("Attention of opset 23, positions inside heads", g => Attention23(g, 3, 3), 4 + 4, Opset: 23, Options: InsideHeads),
        new("Attention of opset 23 on four axes", g => Attention23Heads(g, 3, 3), 3, Opset: 23),
        new("Attention of opset 23 on four axes with shared keys", g => Attention23Heads(g, 4, 2), 2, Opset: 23),
        new("Attention of opset 23 on four axes, positions inside heads", g => Attention23Heads(g, 3, 3), 4 + 4, Opset: 23, Options: InsideHeads),
        new("Attention of opset 23 with a mask by head", g => Attention23(g, 3, 3, mask: true), 3, Opset: 23),
        new("RotaryEmbedding of opset 23", g => Rotary23(g, flat: false), 3, Opset: 23),
        new("RotaryEmbedding of opset 23 on three axes", g => Rotary23(g, flat: true), 3, Opset: 23),
        new("pairs of a rotation inside heads", g => Rotary23(g, flat: false), 2 + 4, Opset: 23, Options: InsideHeads),
        new("interleaved pairs of a rotation inside heads", g => Rotary23(g, flat: true, interleaved: 1), 2 + 4, Opset: 23, Options: InsideHeads),
        new("rotation of ONNX Runtime", RotaryContrib, 3),
        new("fused attention", g => Fused(g, sizes: null), 3),
        new("fused attention with values of their own width", g => Fused(g, sizes: [12, 12, 6]), 3),
        new("fused attention, positions inside heads", g => Fused(g, sizes: null), 4 + 4, Options: InsideHeads),
        new("fused attention with a bias on the scores", g => Fused(g, sizes: null, biased: true), 3),
        new("fused attention after a layer that loses neurons", g => g.Output(g.Dense(g.Node($"{Contrib}Attention", [g.Relu(g.Dense(g.X(), 12, 8)), g.Weights(8, 36), g.Weights(36)], ("num_heads", 3)), 12, 5)), 8 + 3),
        new("multi-head attention", g => MultiHead(g, bias: false), 3),
        new("multi-head attention with a bias", g => MultiHead(g, bias: true), 3),
        new("multi-head attention, positions inside heads", g => MultiHead(g, bias: true), 4 + 4, Options: InsideHeads),
        new("group-query attention", GroupQuery, 2),
        new("skip and normalise, inexact", g => Skip(g, "SkipLayerNormalization"), 8, Options: Inexact),
        new("skip and normalise, simplified, inexact", g => Skip(g, "SkipSimplifiedLayerNormalization"), 8, Options: Inexact),
        new("skip and normalise is not exact", g => Skip(g, "SkipLayerNormalization"), 0),
        new("tables embedded and normalised, inexact", Embedded, 8, Options: Inexact),
        new("simplified normalisation, inexact", g => g.Output(g.Dense(g.Node("SimplifiedLayerNormalization", [g.Dense(g.X(), 12, 8), g.Weights(8)], ("axis", -1), ("epsilon", 1e-5f)), 8, 5)), 8, Options: Inexact),
        new("fused convolution", FusedConv, 8 + 8),
        new("fused product of transposed factors", g => g.Output(g.Node($"{Contrib}FusedMatMul", [g.Relu(g.Node($"{Contrib}FusedMatMul", [g.X(), g.Weights(7, 12)], ("transB", 1), ("alpha", 0.5f))), g.Weights(7, 5)])), 7),
        new("fused product of a transposed activation", g => g.Output(g.Node($"{Contrib}FusedMatMul", [g.Relu(g.Node("MatMul", [g.Weights(7, 5), g.X()])), g.Weights(7, 4)], ("transA", 1))), 7),
        new("fused gemm", g => g.Output(g.Linear(g.Node($"{Contrib}FusedGemm", [g.Input("x", 2, 6), g.Weights(6, 7), g.Weights(7)], ("activation", "Relu")), 7, 4)), 7),
        new("gelu with a bias", g => g.Output(g.Dense(g.Node($"{Contrib}BiasGelu", [g.Node("MatMul", [g.X(), g.Weights(12, 7)]), g.Weights(7)]), 7, 5)), 7),
        new("fast gelu with a bias", g => g.Output(g.Dense(g.Node($"{Contrib}FastGelu", [g.Node("MatMul", [g.X(), g.Weights(12, 7)]), g.Weights(7)]), 7, 5)), 7),
        new("gelu and quick gelu", g => g.Output(g.Dense(g.Node($"{Contrib}QuickGelu", [g.Node($"{Contrib}Gelu", [g.Dense(g.X(), 12, 7)])], ("alpha", 1.7f)), 7, 5)), 7),
        new("weights of four bits lose columns", FourBits, 6),
        new("8-bit sum, product and concatenation", QuantizedMerges, 6 + 6),
        new("8-bit activations and pooling", QuantizedUnary, 6),
        new("8-bit softmax, inexact", QuantizedSoftmax, 6, Options: Inexact),
        new("product quantised when the model runs", g => EightBits(g, $"{Contrib}DynamicQuantizeMatMul"), 7 + 6),
        new("8-bit product with a real result", g => EightBits(g, $"{Contrib}MatMulIntegerToFloat"), 7 + 6),
        new("8-bit attention", QuantizedAttention, 3),
    ];

    private static GraphBuilder Attention23(GraphBuilder g, int heads, int shared, bool mask = false)
    {
        string x = g.X();
        List<string> inputs = [g.Dense(x, 12, heads * 4), g.Dense(x, 12, shared * 4), g.Dense(x, 12, shared * 4)];
        if (mask)
        {
            inputs.Add(g.Weights(1, heads, Tokens, Tokens));
        }

        string y = g.Node("Attention", [.. inputs], ("q_num_heads", heads), ("kv_num_heads", shared));
        return g.Output(g.Dense(y, heads * 4, 12));
    }

    private static GraphBuilder Attention23Heads(GraphBuilder g, int heads, int shared)
    {
        string x = g.X();
        string[] qkv = [.. new[] { heads, shared, shared }.Select(h => g.ToHeads(g.Dense(x, 12, h * 4), h, 4))];
        return g.Output(g.FromHeads(g.Node("Attention", qkv), heads, 4));
    }

    private static GraphBuilder Rotary23(GraphBuilder g, bool flat, int interleaved = 0)
    {
        string x = g.X();
        (string cos, string sin) = (g.Weights(1, Tokens, 2), g.Weights(1, Tokens, 2));
        string Rotated()
        {
            string q = g.Dense(x, 12, 12);
            return flat
                ? g.ToHeads(g.Node("RotaryEmbedding", [q, cos, sin], ("num_heads", 3), ("interleaved", interleaved)), 3, 4)
                : g.Node("RotaryEmbedding", [g.ToHeads(q, 3, 4), cos, sin], ("interleaved", interleaved));
        }

        return g.Output(g.FromHeads(g.Mix(Rotated(), Rotated(), g.ToHeads(g.Dense(x, 12, 12), 3, 4)), 3, 4));
    }

    private static GraphBuilder RotaryContrib(GraphBuilder g)
    {
        string x = g.X();
        (string cos, string sin) = (g.Weights(9, 2), g.Weights(9, 2));
        string places = g.Initializer(TensorEditor.FromInts("places", [0, 1, 2, 3, 4], 1, Tokens));
        string Rotated() => g.ToHeads(g.Node($"{Contrib}RotaryEmbedding", [g.Dense(x, 12, 12), places, cos, sin]), 3, 4);
        return g.Output(g.FromHeads(g.Mix(Rotated(), Rotated(), g.ToHeads(g.Dense(x, 12, 12), 3, 4)), 3, 4));
    }

    private static GraphBuilder Fused(GraphBuilder g, long[]? sizes, bool biased = false)
    {
        string x = g.Relu(g.Dense(g.X(), 12, 12));
        int columns = sizes is null ? 36 : (int)sizes.Sum();
        string[] inputs = [g.Node("Identity", [x]), g.Weights(12, columns), g.Weights(columns), .. biased ? ["", "", g.Weights(1, 3, Tokens, Tokens)] : Array.Empty<string>()];
        string y = g.Node(
            $"{Contrib}Attention", inputs, [("num_heads", 3), .. sizes is null ? Array.Empty<(string, object)>() : [("qkv_hidden_sizes", sizes)]]);
        // The embedding is read by the caller too, which leaves the heads alone.
        return g.Output(g.Dense(y, sizes is null ? 12 : (int)sizes[2], 12), x);
    }

    private static GraphBuilder MultiHead(GraphBuilder g, bool bias)
    {
        string x = g.X();
        string Made() => g.Node("MatMul", [x, g.Weights(12, 12)]);
        string y = g.Node($"{Contrib}MultiHeadAttention", [Made(), Made(), Made(), .. bias ? [g.Weights(36)] : Array.Empty<string>()], ("num_heads", 3));
        return g.Output(g.Dense(y, 12, 12));
    }

    private static GraphBuilder GroupQuery(GraphBuilder g)
    {
        string x = g.X();
        string lengths = g.Initializer(Int32("lengths", Tokens - 1));
        string total = g.Initializer(Int32("total", Tokens));
        string[] y = g.Nodes(
            $"{Contrib}GroupQueryAttention",
            [g.Dense(x, 12, 32), g.Dense(x, 12, 16), g.Dense(x, 12, 16), g.Weights(1, 2, 0, 8), g.Weights(1, 2, 0, 8), lengths, total],
            3, ("num_heads", 4), ("kv_num_heads", 2));
        return g.Output(g.Dense(y[0], 32, 12));
    }

    private static EdgePrune.Onnx.Proto.TensorProto Int32(string name, int value) => TensorEditor.FromRaw(name, DataType.Int32, BitConverter.GetBytes(value), 1);

    private static GraphBuilder Skip(GraphBuilder g, string op)
    {
        string x = g.X();
        string[] parameters = op == "SkipLayerNormalization" ? [g.Weights(8), g.Weights(8), g.Weights(8)] : [g.Weights(8), g.Weights(8)];
        string[] y = g.Nodes(Contrib + op, [g.Dense(x, 12, 8), g.Dense(x, 12, 8), .. parameters], 4, ("epsilon", 1e-5f));
        return g.Output(g.Dense(g.Node("Add", [y[0], y[3]]), 8, 5));
    }

    private static GraphBuilder Embedded(GraphBuilder g)
    {
        string ids = g.IntInput("ids", DataType.Int32, 1, Tokens);
        string kinds = g.IntInput("kinds", DataType.Int32, 1, Tokens);
        string[] y = g.Nodes($"{Contrib}EmbedLayerNormalization", [ids, kinds, g.Weights(20, 8), g.Weights(9, 8), g.Weights(2, 8), g.Weights(8), g.Weights(8)], 2);
        return g.Output(g.Dense(y[0], 8, 5));
    }

    private static GraphBuilder FusedConv(GraphBuilder g)
    {
        string stem = g.Relu(g.Conv(g.Input("x", 1, 3, 6, 6), 3, 8));
        string y = g.Node(
            $"{Contrib}FusedConv", [g.Conv(stem, 8, 8, 1), g.Weights(8, 8, 3, 3), g.Weights(8), stem], ("pads", new long[] { 1, 1, 1, 1 }), ("activation", "Relu"));
        return g.Output(g.Conv(y, 8, 4));
    }

    private static GraphBuilder FourBits(GraphBuilder g)
    {
        // Two blocks of 16 along K for each of 6 columns; two values a byte.
        byte[] packed = [.. Enumerable.Range(0, 6 * 2 * 8).Select(i => (byte)((i * 37) + 11))];
        string b = g.Initializer(TensorEditor.FromRaw("packed", DataType.Uint8, packed, 6, 2, 8));
        string y = g.Node($"{Contrib}MatMulNBits", [g.X(32), b, g.Weights(12)], ("K", 32), ("N", 6), ("bits", 4), ("block_size", 16));
        return g.Output(g.Dense(g.Relu(y), 6, 5));
    }

    private static string Quantized(GraphBuilder g, string x) => g.Node("QuantizeLinear", [x, Scale(g), Zero(g)]);

    private static string Real(GraphBuilder g, string x) => g.Node("DequantizeLinear", [x, Scale(g), Zero(g)]);

    private static string Scale(GraphBuilder g) => g.Positive();

    private static string Zero(GraphBuilder g) => g.Initializer(TensorEditor.FromRaw(g.FreshName("zero"), DataType.Uint8, [120]));

    private static string SignedWeights(GraphBuilder g, params long[] dims)
    {
        int count = (int)dims.Aggregate(1L, (a, d) => a * d);
        return g.Initializer(TensorEditor.FromRaw(g.FreshName("int8"), DataType.Int8, [.. Enumerable.Range(0, count).Select(i => (byte)(sbyte)((i * 37 % 200) - 100))], dims));
    }

    private static GraphBuilder QuantizedMerges(GraphBuilder g)
    {
        string x = g.Input("x", 1, 3, 6, 6);
        string a = Quantized(g, g.Conv(x, 3, 6));
        string b = Quantized(g, g.Conv(x, 3, 6));
        string sum = g.Node($"{Contrib}QLinearAdd", [a, Scale(g), Zero(g), a, Scale(g), Zero(g), Scale(g), Zero(g)]);
        string product = g.Node($"{Contrib}QLinearMul", [sum, Scale(g), Zero(g), a, Scale(g), Zero(g), Scale(g), Zero(g)]);
        string joined = g.Node($"{Contrib}QLinearConcat", [Scale(g), Zero(g), product, Scale(g), Zero(g), b, Scale(g), Zero(g)], ("axis", 1));
        return g.Output(g.Conv(Real(g, joined), 12, 4));
    }

    private static GraphBuilder QuantizedUnary(GraphBuilder g)
    {
        string a = Quantized(g, g.Conv(g.Input("x", 1, 3, 6, 6), 3, 6));
        string leaky = g.Node($"{Contrib}QLinearLeakyRelu", [a, Scale(g), Zero(g), Scale(g), Zero(g)], ("alpha", 0.1f));
        string soft = g.Node($"{Contrib}QLinearSigmoid", [leaky, Scale(g), Zero(g), Scale(g), Zero(g)]);
        string pooled = g.Node($"{Contrib}QLinearAveragePool", [soft, Scale(g), Zero(g), Scale(g), Zero(g)], ("kernel_shape", new long[] { 2, 2 }));
        string mean = g.Node($"{Contrib}QLinearGlobalAveragePool", [pooled, Scale(g), Zero(g), Scale(g), Zero(g)], ("channels_last", 0));
        return g.Output(g.Conv(Real(g, mean), 6, 4, 1));
    }

    private static GraphBuilder QuantizedSoftmax(GraphBuilder g)
    {
        string a = Quantized(g, g.Dense(g.X(), 12, 6));
        string soft = g.Node($"{Contrib}QLinearSoftmax", [a, Scale(g), Zero(g), Scale(g), Zero(g)], ("axis", -1), ("opset", 13));
        return g.Output(g.Dense(Real(g, soft), 6, 4));
    }

    private static GraphBuilder EightBits(GraphBuilder g, string op)
    {
        string x = g.Relu(g.Dense(g.X(), 12, 7));
        string w = SignedWeights(g, 7, 6);
        string y = op.EndsWith("Float", StringComparison.Ordinal)
            ? g.Node(op, [Quantized(g, x), w, Scale(g), g.Positive(6), Zero(g), "", g.Weights(6)])
            : g.Node(op, [x, w, g.Positive(6), "", g.Weights(6)]);
        return g.Output(g.Dense(g.Relu(y), 6, 4));
    }

    private static GraphBuilder QuantizedAttention(GraphBuilder g)
    {
        string y = g.Node(
            $"{Contrib}QAttention",
            [Quantized(g, g.X()), SignedWeights(g, 12, 36), g.Weights(36), Scale(g), Scale(g), "", Zero(g), g.Initializer(TensorEditor.FromRaw(g.FreshName("zero"), DataType.Int8, [0]))],
            ("num_heads", 3));
        return g.Output(g.Dense(y, 12, 5));
    }
}
