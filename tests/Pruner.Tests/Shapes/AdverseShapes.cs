using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static EdgePrune.Onnx.Proto.TensorProto.Types;
using static Pruner.Tests.AttentionParts;

namespace Pruner.Tests;

/// <summary>Graphs made to break a rule: forms that exporters hardly write and ONNX allows.</summary>
internal static class AdverseShapes
{
    private const string Contrib = "com.microsoft.";

    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("a vector of one number that makes a value wider", Widened, 5),
        new("parts computed from the length of another axis", SplitByOtherLength, 8 + 3),
        new("pads on an axis that must stay while units run over the next", PaddedJoint, 4),
        new("zeros that are a state and an operand", SharedZeros, 7),
        new("scales of a Resize that are a bias too", ScalesAndBias, 6),
        new("mask of Attention made by a layer", g => MaskMade(g, "Attention"), 3, Opset: 23),
        new("bias of MultiHeadAttention made by a layer", g => MaskMade(g, "MultiHeadAttention"), 3),
        new("bias of fused attention made by a layer", g => MaskMade(g, "FusedAttention"), 3),
        new("keys and values from before made by layers", g => PastMade(g, 3), 0, Opset: 23),
        new("keys and values of one head from before made by layers", g => PastMade(g, 1), 1, Opset: 23),
        new("keys and values from before made by layers, for grouped queries", PastMadeGqa, 0),
        new("rotation of positions that a layer mixes", RotatedPositions, 3, Opset: 23),
        new("rotation of ONNX Runtime of positions that a layer mixes", RotatedPositionsContrib, 3),
        new("rows count in the range of a dynamic quantisation", DynamicRows, 5),
        new("a vector as long as another value has channels", OnesAsLong, 0),
        new("squeeze of all axes of length one", SqueezeAll, 8),
        new("squeeze of all axes of length one at opset 11", SqueezeAll, 8, Opset: 11),
        new("8-bit attention, positions inside heads", QAtt, 0, Options: InsideHeads),
        new("a bias that is an output too", BiasIsOutput, 8),
        new("integers of the file sliced by a length", IntTable, 8),
        new("learned queries, positions inside heads", g => LearnedQueries(g, "Attention"), 4 + 4, Opset: 23, Options: InsideHeads),
        new("learned queries of MultiHeadAttention, positions inside heads", g => LearnedQueries(g, $"{Contrib}MultiHeadAttention"), 4 + 4, Options: InsideHeads),
        new("LSTM whose weights are sums", LstmSum, 7),
        new("LSTM whose weights are joined in the graph", LstmConcat, 7),
        new("fused attention whose weights are a sum", FusedSum, 8 + 3),
        new("8-bit weights cast and read", CastWeights, 7),
        new("a vector times a matrix plus a row of two axes", VectorMatMul, 7),
        new("channels and batch on one axis, told apart by a shape", g => BatchOfChannels(g, 8), 8),
        new("channels and batch on one axis, told apart by a shape with minus one", g => BatchOfChannels(g, -1), 0),
        new("context added to a picture of any size", Context, 8 + 8),
    ];

    private static string Picture(GraphBuilder g) => g.Input("x", 1, 3, 8, 8);

    private static string Same(GraphBuilder g, string name, float value, params long[] dims) =>
        g.Initializer(TensorEditor.FromFloats(name, [.. Enumerable.Repeat(value, (int)dims.Aggregate(1L, (a, d) => a * d))], dims));

    private static GraphBuilder Widened(GraphBuilder g)
    {
        string x = g.Input("x", 2, 6);
        string zeros = Same(g, "zeros", 0, 5);
        string wide = g.Node("Add", [g.Linear(x, 6, 1), zeros]);
        string h = g.Node("Gemm", [x, g.Weights(6, 5), zeros]);
        return g.Output(g.Linear(wide, 5, 3), g.Linear(g.Relu(h), 5, 4));
    }

    private static GraphBuilder SplitByOtherLength(GraphBuilder g)
    {
        string x = Picture(g);
        string y = g.Conv(x, 3, 8);
        string half = g.Node("Div", [g.Node("Gather", [g.Node("Shape", [y]), g.Ints(1)]), g.Ints(2)]);
        string z = g.Node("Mul", [g.Shaped(g.Conv(x, 3, 24), 1, 8, 3, 8, 8), g.Weights(3, 1, 1)]);
        string[] parts = g.Nodes("Split", [z, g.Node("Concat", [half, half], ("axis", 0))], 2, ("axis", 1));
        return g.Output(g.Conv(y, 8, 4), g.Conv(g.Shaped(parts[0], 1, 12, 8, 8), 12, 4), g.Conv(g.Shaped(parts[1], 1, -1, 8, 8), 12, 4));
    }

    private static GraphBuilder PaddedJoint(GraphBuilder g)
    {
        string y = g.Shaped(g.Conv(Picture(g), 3, 8), 1, 2, 4, 8, 8);
        string one = g.Node("Slice", [y, g.Ints(0), g.Ints(1), g.Ints(1)]);
        string padded = g.Node("Pad", [y, g.Ints(0, 1, 0, 0, 0, 0, 0, 0, 0, 0)]);
        return g.Output(g.Conv(g.Shaped(one, 1, 4, 8, 8), 4, 3), g.Conv(g.Shaped(padded, 1, 12, 8, 8), 12, 3));
    }

    private static GraphBuilder SharedZeros(GraphBuilder g)
    {
        string x = g.Input("x", 6, 1, 5);
        string zeros = Same(g, "zeros", 0, 1, 1, 7);
        string[] y = g.Nodes("LSTM", [x, g.Weights(1, 28, 5), g.Weights(1, 28, 7), "", "", zeros, zeros], 3, ("hidden_size", 7));
        string other = g.Node("Add", [g.Dense(x, 5, 7), zeros]);
        return g.Output(y[0], g.Dense(other, 7, 3));
    }

    private static GraphBuilder ScalesAndBias(GraphBuilder g)
    {
        string x = Picture(g);
        string scales = Same(g, "ones", 1, 4);
        string y = g.Node("Resize", [g.Conv(x, 3, 6), "", scales]);
        string h = g.Node("Gemm", [g.Node("Flatten", [x]), g.Weights(192, 4), scales]);
        return g.Output(g.Conv(y, 6, 4), g.Linear(h, 4, 3));
    }

    private static GraphBuilder MaskMade(GraphBuilder g, string op)
    {
        string x = g.X();
        string mask = g.Dense(x, 12, Tokens);
        string y = op switch
        {
            "Attention" => g.Node(op, [g.Dense(x, 12, 12), g.Dense(x, 12, 12), g.Dense(x, 12, 12), g.Node("Squeeze", [mask, g.Ints(0)])], ("q_num_heads", 3), ("kv_num_heads", 3)),
            "MultiHeadAttention" => g.Node(Contrib + op, [g.Dense(x, 12, 12), g.Dense(x, 12, 12), g.Dense(x, 12, 12), "", "", g.Shaped(mask, 1, 1, Tokens, Tokens)], ("num_heads", 3)),
            _ => g.Node($"{Contrib}Attention", [x, g.Weights(12, 36), g.Weights(36), "", "", g.Shaped(mask, 1, 1, Tokens, Tokens)], ("num_heads", 3)),
        };
        return g.Output(g.Dense(y, 12, 12));
    }

    private static GraphBuilder PastMade(GraphBuilder g, int heads)
    {
        string x = g.X();
        string z = g.Input("z", 1, heads, 2, 6);
        string Past() => g.Node("MatMul", [z, g.Weights(6, 4)]);
        string[] y = g.Nodes("Attention", [g.Dense(x, 12, 4 * heads), g.Dense(x, 12, 4 * heads), g.Dense(x, 12, 4 * heads), "", Past(), Past()], 3, ("q_num_heads", heads), ("kv_num_heads", heads));
        return g.Output(g.Dense(y[0], 4 * heads, 12));
    }

    private static GraphBuilder PastMadeGqa(GraphBuilder g)
    {
        string x = g.X();
        string z = g.Input("z", 1, 2, 3, 6);
        string Past() => g.Node("MatMul", [z, g.Weights(6, 8)]);
        string lengths = g.Initializer(TensorEditor.FromRaw("lengths", DataType.Int32, BitConverter.GetBytes(3 + Tokens - 1), 1));
        string total = g.Initializer(TensorEditor.FromRaw("total", DataType.Int32, BitConverter.GetBytes(3 + Tokens), 1));
        string[] y = g.Nodes(
            $"{Contrib}GroupQueryAttention",
            [g.Dense(x, 12, 32), g.Dense(x, 12, 16), g.Dense(x, 12, 16), Past(), Past(), lengths, total],
            3, ("num_heads", 4), ("kv_num_heads", 2));
        return g.Output(g.Dense(y[0], 32, 12));
    }

    private static GraphBuilder RotatedPositions(GraphBuilder g)
    {
        string y = g.Node("MatMul", [g.Weights(Tokens, Tokens), g.Dense(g.X(), 12, 12)]);
        string r = g.Node("RotaryEmbedding", [y, g.Weights(1, Tokens, 2), g.Weights(1, Tokens, 2)], ("num_heads", 3));
        return g.Output(g.Dense(g.Node("MatMul", [g.Weights(4, Tokens), r]), 12, 5));
    }

    private static GraphBuilder RotatedPositionsContrib(GraphBuilder g)
    {
        string y = g.Node("MatMul", [g.Weights(Tokens, Tokens), g.Dense(g.X(), 12, 12)]);
        string places = g.Initializer(TensorEditor.FromInts("places", [0, 1, 2, 3, 4], 1, Tokens));
        string r = g.Node($"{Contrib}RotaryEmbedding", [y, places, g.Weights(9, 2), g.Weights(9, 2)]);
        return g.Output(g.Dense(g.Node("MatMul", [g.Weights(4, Tokens), r]), 12, 5));
    }

    private static GraphBuilder DynamicRows(GraphBuilder g)
    {
        string y = g.Node("Add", [g.Node("MatMul", [g.Weights(Tokens, Tokens), g.X()]), g.Initializer(TensorEditor.FromFloats("high", [60, 1, 2, 1, 2], Tokens, 1))]);
        string w = g.Initializer(TensorEditor.FromRaw("int8", DataType.Int8, [.. Enumerable.Range(0, 72).Select(i => (byte)(sbyte)((i * 37 % 200) - 100))], 12, 6));
        string z = g.Node($"{Contrib}DynamicQuantizeMatMul", [y, w, g.Positive(6), "", g.Weights(6)]);
        return g.Output(g.Node("MatMul", [g.Weights(4, Tokens), z]));
    }

    private static GraphBuilder OnesAsLong(GraphBuilder g)
    {
        string y = g.Relu(g.Dense(g.X(), 12, 8));
        string length = g.Node("Gather", [g.Node("Shape", [y]), g.Ints(2)]);
        string ones = g.Node("ConstantOfShape", [length], ("value", TensorEditor.FromInts("value", [2], 1)));
        string sum = g.Node("MatMul", [g.Input("z", 1, 5, 8), g.Node("Cast", [ones], ("to", 1))]);
        return g.Output(g.Dense(y, 8, 4), sum);
    }

    private static GraphBuilder SqueezeAll(GraphBuilder g)
    {
        string pooled = g.Node("Squeeze", [g.Node("GlobalAveragePool", [g.Conv(Picture(g), 3, 8)])]);
        return g.Output(g.Node("MatMul", [pooled, g.Weights(8, 5)]));
    }

    private static GraphBuilder QAtt(GraphBuilder g)
    {
        string Scale() => g.Positive();
        string Zero() => g.Initializer(TensorEditor.FromRaw(g.FreshName("zero"), DataType.Uint8, [120]));
        string w = g.Initializer(TensorEditor.FromRaw("int8", DataType.Int8, [.. Enumerable.Range(0, 12 * 36).Select(i => (byte)(sbyte)((i * 37 % 200) - 100))], 12, 36));
        string y = g.Node(
            $"{Contrib}QAttention",
            [g.Node("QuantizeLinear", [g.X(), Scale(), Zero()]), w, g.Weights(36), Scale(), Scale(), "", Zero(), g.Initializer(TensorEditor.FromRaw("wzero", DataType.Int8, [0]))],
            ("num_heads", 3));
        return g.Output(g.Dense(y, 12, 5));
    }

    private static GraphBuilder BiasIsOutput(GraphBuilder g)
    {
        string bias = g.Weights(4);
        string y = g.Node("Conv", [g.Relu(g.Conv(Picture(g), 3, 8)), g.Weights(4, 8, 1, 1), bias]);
        return g.Output(y, bias);
    }

    private static GraphBuilder IntTable(GraphBuilder g)
    {
        string x = g.X();
        string places = g.Initializer(TensorEditor.FromInts("places", [.. Enumerable.Range(0, 10).Select(i => (long)i)], 1, 10));
        string length = g.Node("Gather", [g.Node("Shape", [x]), g.Ints(1)]);
        string taken = g.Node("Slice", [places, g.Ints(0), length, g.Ints(1)]);
        string y = g.Node("Add", [g.Dense(x, 12, 8), g.Node("Gather", [g.Weights(10, 8), taken])]);
        return g.Output(g.Dense(g.Relu(y), 8, 4));
    }

    private static GraphBuilder LearnedQueries(GraphBuilder g, string op)
    {
        string x = g.X();
        string k = g.Node("Add", [g.Dense(x, 12, 12), g.Weights(1, Tokens, 12)]);
        string v = g.Dense(x, 12, 12);
        string y = op == "Attention"
            ? g.Node(op, [g.Weights(1, Tokens, 12), k, v], ("q_num_heads", 3), ("kv_num_heads", 3))
            : g.Node(op, [g.Weights(1, Tokens, 12), k, v], ("num_heads", 3));
        return g.Output(g.Dense(y, 12, 5));
    }

    private static string Steps(GraphBuilder g, string y) => g.Dense(g.Shaped(g.Node("Squeeze", [y, g.Ints(1)]), 6, 1, 7), 7, 3);

    private static GraphBuilder LstmSum(GraphBuilder g)
    {
        string r = g.Node("Add", [g.Weights(1, 28, 7), g.Weights(1, 28, 7)]);
        string w = g.Node("Add", [g.Weights(1, 28, 5), g.Weights(1, 28, 5)]);
        string[] y = g.Nodes("LSTM", [g.Input("x", 6, 1, 5), w, r, g.Weights(1, 56)], 3, ("hidden_size", 7));
        return g.Output(Steps(g, y[0]));
    }

    private static GraphBuilder LstmConcat(GraphBuilder g)
    {
        string r = g.Node("Concat", [g.Weights(1, 14, 7), g.Weights(1, 14, 7)], ("axis", 1));
        string w = g.Node("Unsqueeze", [g.Node("Concat", [g.Weights(7, 5), g.Weights(21, 5)], ("axis", 0)), g.Ints(0)]);
        string[] y = g.Nodes("LSTM", [g.Input("x", 6, 1, 5), w, r, g.Weights(1, 56)], 3, ("hidden_size", 7));
        return g.Output(Steps(g, y[0]));
    }

    private static GraphBuilder FusedSum(GraphBuilder g)
    {
        string w = g.Node("Add", [g.Weights(8, 36), g.Weights(8, 36)]);
        return g.Output(g.Dense(g.Node($"{Contrib}Attention", [g.Node("Sigmoid", [g.Dense(g.X(), 12, 8)]), w, g.Weights(36)], ("num_heads", 3)), 12, 5));
    }

    private static GraphBuilder CastWeights(GraphBuilder g)
    {
        string w = g.Initializer(TensorEditor.FromRaw("int8", DataType.Int8, [.. Enumerable.Range(0, 84).Select(i => (byte)(sbyte)((i * 37 % 200) - 100))], 12, 7));
        return g.Output(g.Dense(g.Relu(g.Node("MatMul", [g.X(), g.Node("Cast", [w], ("to", 1))])), 7, 4));
    }

    private static GraphBuilder VectorMatMul(GraphBuilder g)
    {
        string y = g.Node("Sigmoid", [g.Node("Add", [g.Node("MatMul", [g.Input("x", 6), g.Weights(6, 7)]), g.Weights(7)])]);
        return g.Output(g.Node("Add", [g.Node("MatMul", [y, g.Weights(7, 4)]), g.Weights(1, 4)]));
    }

    private static GraphBuilder BatchOfChannels(GraphBuilder g, long channels)
    {
        string n = g.Node("Reshape", [g.Conv(g.Input("x", -1, 3, 8, 8), 3, 8), g.Ints(-1, 1, 8, 8)]);
        string batch = g.Node("Div", [g.Node("Gather", [g.Node("Shape", [n]), g.Ints(0)]), g.Ints(8)]);
        string back = g.Node("Reshape", [g.Relu(n), g.Node("Concat", [batch, g.Ints(channels, 8, 8)], ("axis", 0))]);
        return g.Output(g.Conv(back, 8, 4));
    }

    private static GraphBuilder Context(GraphBuilder g)
    {
        string y = g.Conv(g.Input("x", -1, 3, -1, -1), 3, 8);
        string context = g.Conv(g.Node("GlobalAveragePool", [y]), 8, 8, 1);
        return g.Output(g.Conv(g.Node("Add", [g.Conv(y, 8, 8), context]), 8, 4));
    }
}
