using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>A small graph and the number of units that it should have, where <paramref name="Options"/> are looked for.</summary>
internal sealed record GraphShape(string Name, Func<GraphBuilder, GraphBuilder> Make, int Units, int Opset = 17, CouplingOptions? Options = null)
{
    public OnnxModel Build() => Make(new GraphBuilder(Opset, seed: 3)).Build();
}

/// <summary>One graph for each shape that pruning tools have stumbled over; named after what must not happen, where a bug is known.</summary>
internal static class GraphShapes
{
    public static IReadOnlyList<GraphShape> All { get; } =
    [
        .. Basic,
        .. TransformerShapes.All,
        .. RecurrentShapes.All,
        .. ContribShapes.All,
        .. StandardShapes.All,
        .. SurgeryShapes.All,
        .. FoundShapes.All,
        .. AdverseShapes.All,
        .. EdgeShapes.All,
    ];

    private static IReadOnlyList<GraphShape> Basic =>
    [
        new("chain of two convolutions", g => g.Output(g.Conv(g.Relu(g.Conv(X(g), 3, 8)), 8, 4)), 8),
        new("normalisation between", g => g.Output(g.Conv(g.Relu(g.BatchNorm(g.Conv(X(g), 3, 8), 8)), 8, 4)), 8),
        new("bias survives a sigmoid (nni#2130)", g => g.Output(g.Conv(g.Node("Sigmoid", [g.Conv(X(g), 3, 8)]), 8, 4)), 8),
        new("residual", Residual, 8 + 6),
        new("depthwise", g => g.Output(g.Conv(g.Conv(g.Conv(X(g), 3, 8, 1), 8, 8, 3, 8), 8, 4, 1)), 8),
        new("depthwise with multiplier two", g => g.Output(g.Conv(g.Conv(g.Conv(X(g), 3, 8, 1), 8, 16, 3, 8), 16, 4, 1)), 8),
        new("grouped", g => g.Output(g.Conv(g.Conv(g.Conv(X(g), 3, 8, 1), 8, 12, 3, 2), 12, 4, 1)), 4 + 6),
        new("one channel is not depthwise (Torch-Pruning#126, #179)", g => g.Output(g.Conv(g.Conv(g.Conv(X(g), 3, 1, 1), 1, 8), 8, 4)), 8),
        new("concat", g => Concat(g), 6 + 10),
        new("concat into a normalisation (aimet#1392)", ConcatNorm, 6 + 10),
        new("flatten into linear", g => g.Output(g.Linear(g.Node("Flatten", [g.Conv(X(g), 3, 6)]), 6 * 64, 5)), 6),
        new("reshape by constant", g => g.Output(g.Linear(g.Node("Reshape", [g.Conv(X(g), 3, 6), g.Ints(1, 384)]), 384, 5)), 6),
        new("reshape by minus one", g => g.Output(g.Linear(g.Node("Reshape", [g.Conv(X(g), 3, 6), g.Ints(0, -1)]), 384, 5)), 6),
        new("reshape by computed shape", ComputedShape, 6),
        new("linear, view, transposed convolution (Torch-Pruning#125)", LinearViewConvTranspose, 12 + 5),
        new("channel shuffle", Shuffle, 4 + 4),
        new("padded shortcut", PaddedShortcut, 4 + 4),
        new("split and concat as in C2f (Torch-Pruning#147)", C2f, 4 + 4 + 4),
        new("squeeze and excite", SqueezeExcite, 8 + 3),
        new("shared weights", SharedWeights, 6),
        new("weights through Transpose and Identity", TransposedWeights, 10),
        new("matmul and add", g => g.Output(g.Node("MatMul", [g.Relu(g.Node("Add", [g.Node("MatMul", [g.Input("x", 5, 7), g.Weights(7, 9)]), g.Weights(9)])), g.Weights(9, 4)])), 9),
        new("global pool, squeeze, linear", PoolSqueeze, 6, Opset: 11),
        new("slice of channels", SliceChannels, 8),
        new("gather of channels", GatherChannels, 8),
        new("resize by scales", g => g.Output(g.Conv(g.Node("Resize", [g.Conv(X(g), 3, 6), "", g.Initializer(TensorEditor.FromFloats("scales", [1, 1, 2, 2], 4))]), 6, 4)), 6),
        new("resize by sizes", g => g.Output(g.Conv(g.Node("Resize", [g.Conv(X(g), 3, 6), "", "", g.Ints(1, 6, 12, 12)]), 6, 4)), 6),
        new("slope by channel", g => g.Output(g.Conv(g.Node("PRelu", [g.Conv(X(g), 3, 6), g.Weights(6, 1, 1)]), 6, 4)), 6),
        new("mean over space", g => g.Output(g.Linear(g.Node("ReduceMean", [g.Conv(X(g), 3, 6)], ("axes", new long[] { 2, 3 }), ("keepdims", 0)), 6, 4)), 6, Opset: 13),
        new("transposed to channels last", ChannelsLast, 6),
        new("attention heads of a fused qkv (Torch-Pruning#393)", FusedQkv, 2),
        new("attention heads picked by Gather", GatheredQkv, 2),
        new("halves of a split that meet again keep one each", HalvesMeetAgain, 8),
        new("split in opset 11", g => C2fOf(g, attribute: true), 12, Opset: 11),
        new("slice in opset 9", SliceOld, 8, Opset: 9),
    ];

    public static GraphShape Find(string name) => All.Single(s => s.Name == name);

    private static string X(GraphBuilder g) => g.Input("x", 1, 3, 8, 8);

    private static GraphBuilder Residual(GraphBuilder g)
    {
        string stem = g.Relu(g.Conv(X(g), 3, 8));
        string inner = g.Conv(g.Relu(g.Conv(stem, 8, 6)), 6, 8);
        return g.Output(g.Conv(g.Relu(g.Node("Add", [stem, inner])), 8, 4));
    }

    private static string Branches(GraphBuilder g)
    {
        string x = X(g);
        return g.Node("Concat", [g.Conv(x, 3, 6), g.Conv(x, 3, 10)], ("axis", 1));
    }

    private static GraphBuilder Concat(GraphBuilder g) => g.Output(g.Conv(g.Relu(Branches(g)), 16, 4));

    private static GraphBuilder ConcatNorm(GraphBuilder g) => g.Output(g.Conv(g.BatchNorm(Branches(g), 16), 16, 4));

    private static GraphBuilder ComputedShape(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string batch = g.Node("Gather", [g.Node("Shape", [y]), g.Ints(0)], ("axis", 0));
        string shape = g.Node("Concat", [batch, g.Ints(-1)], ("axis", 0));
        return g.Output(g.Linear(g.Node("Reshape", [y, shape]), 384, 5));
    }

    private static GraphBuilder LinearViewConvTranspose(GraphBuilder g)
    {
        string y = g.Linear(g.Input("x", 1, 7), 7, 12 * 4);
        string view = g.Node("Reshape", [y, g.Ints(1, 12, 2, 2)]);
        string up = g.Node("ConvTranspose", [view, g.Weights(12, 5, 2, 2), g.Weights(5)], ("strides", new long[] { 2, 2 }));
        return g.Output(g.Conv(g.Relu(up), 5, 3));
    }

    private static GraphBuilder Shuffle(GraphBuilder g)
    {
        string y = g.Conv(g.Conv(X(g), 3, 8), 8, 8, 1, 2);
        string split = g.Node("Reshape", [y, g.Ints(1, 2, 4, 8, 8)]);
        string swapped = g.Node("Transpose", [split], ("perm", new long[] { 0, 2, 1, 3, 4 }));
        string joined = g.Node("Reshape", [swapped, g.Ints(1, 8, 8, 8)]);
        return g.Output(g.Conv(g.Conv(joined, 8, 8, 3, 8), 8, 4, 1));
    }

    private static GraphBuilder PaddedShortcut(GraphBuilder g)
    {
        string stem = g.Relu(g.Conv(X(g), 3, 4));
        string wide = g.Conv(stem, 4, 8);
        string padded = g.Node("Pad", [stem, g.Ints(0, 2, 0, 0, 0, 2, 0, 0)]);
        return g.Output(g.Conv(g.Node("Add", [wide, padded]), 8, 3));
    }

    private static GraphBuilder HalvesMeetAgain(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8, 1));
        string[] halves = g.Nodes("Split", [y, g.Ints(4, 4)], 2, ("axis", 1));
        string shape = g.Node("Reshape", [halves[0], g.Ints(1, 4, 64)]);
        return g.Output(g.Conv(g.Node("Concat", [halves[1], g.Node("Reshape", [shape, g.Ints(1, 4, 8, 8)])], ("axis", 1)), 8, 5, 1));
    }

    private static GraphBuilder C2f(GraphBuilder g) => C2fOf(g, attribute: false);

    private static GraphBuilder C2fOf(GraphBuilder g, bool attribute)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8, 1));
        string[] halves = attribute
            ? g.Nodes("Split", [y], 2, ("axis", 1), ("split", new long[] { 4, 4 }))
            : g.Nodes("Split", [y, g.Ints(4, 4)], 2, ("axis", 1));
        string inner = g.Conv(g.Conv(halves[1], 4, 4), 4, 4);
        string sum = g.Node("Add", [halves[1], inner]);
        return g.Output(g.Conv(g.Node("Concat", [halves[0], halves[1], sum], ("axis", 1)), 12, 5, 1));
    }

    private static GraphBuilder SqueezeExcite(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 8);
        string small = g.Relu(g.Conv(g.Node("GlobalAveragePool", [y]), 8, 3, 1));
        string gate = g.Node("HardSigmoid", [g.Conv(small, 3, 8, 1)]);
        return g.Output(g.Conv(g.Node("Mul", [y, gate]), 8, 4));
    }

    private static GraphBuilder SharedWeights(GraphBuilder g)
    {
        string w = g.Weights(6, 6, 1, 1);
        string y = g.Conv(X(g), 3, 6);
        string twice = g.Node("Conv", [g.Relu(g.Node("Conv", [y, w])), w]);
        return g.Output(g.Conv(twice, 6, 4));
    }

    private static GraphBuilder TransposedWeights(GraphBuilder g)
    {
        string w = g.Node("Transpose", [g.Node("Identity", [g.Weights(10, 7)])], ("perm", new long[] { 1, 0 }));
        string hidden = g.Relu(g.Node("MatMul", [g.Input("x", 2, 7), w]));
        return g.Output(g.Node("MatMul", [hidden, g.Weights(10, 4)]));
    }

    private static GraphBuilder PoolSqueeze(GraphBuilder g)
    {
        string pooled = g.Node("GlobalMaxPool", [g.Conv(X(g), 3, 6)]);
        return g.Output(g.Linear(g.Node("Squeeze", [pooled], ("axes", new long[] { 2, 3 })), 6, 5));
    }

    private static GraphBuilder SliceChannels(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string slice = g.Node("Slice", [y, g.Ints(2), g.Ints(7), g.Ints(1)]);
        return g.Output(g.Conv(slice, 5, 4), g.Conv(y, 8, 2));
    }

    private static GraphBuilder SliceOld(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string slice = g.Node("Slice", [y], ("starts", new long[] { -6 }), ("ends", new long[] { 100 }), ("axes", new long[] { 1 }));
        return g.Output(g.Conv(slice, 6, 4), g.Conv(y, 8, 2));
    }

    private static GraphBuilder GatherChannels(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string picked = g.Node("Gather", [y, g.Ints(7, 0, 3, 3, -2)], ("axis", 1));
        return g.Output(g.Conv(picked, 5, 4), g.Conv(y, 8, 2));
    }

    private static GraphBuilder ChannelsLast(GraphBuilder g)
    {
        string y = g.Node("Transpose", [g.Conv(X(g), 3, 6)], ("perm", new long[] { 0, 2, 3, 1 }));
        string flat = g.Node("Reshape", [g.Node("Add", [y, g.Weights(6)]), g.Ints(64, 6)]);
        return g.Output(g.Linear(flat, 6, 5));
    }

    private static GraphBuilder FusedQkv(GraphBuilder g)
    {
        // 5 tokens of width 12; 2 heads of 4; q, k and v from one matrix.
        string x = g.Input("x", 1, 5, 12);
        string qkv = g.Node("MatMul", [x, g.Weights(12, 24)]);
        string heads = g.Node("Transpose", [g.Node("Reshape", [qkv, g.Ints(1, 5, 3, 2, 4)])], ("perm", new long[] { 2, 0, 3, 1, 4 }));
        string[] parts = g.Nodes("Split", [heads, g.Ints(1, 1, 1)], 3, ("axis", 0));
        return Attention(g, [.. parts.Select(p => g.Node("Squeeze", [p, g.Ints(0)]))]);
    }

    private static GraphBuilder GatheredQkv(GraphBuilder g)
    {
        string x = g.Input("x", 1, 5, 12);
        string qkv = g.Node("Add", [g.Node("MatMul", [x, g.Weights(12, 24)]), g.Weights(24)]);
        string heads = g.Node("Transpose", [g.Node("Reshape", [qkv, g.Ints(1, 5, 3, 2, 4)])], ("perm", new long[] { 2, 0, 3, 1, 4 }));
        return Attention(g, [.. Enumerable.Range(0, 3).Select(i => g.Node("Gather", [heads, g.Initializer(TensorEditor.FromInts($"part{i}", [i]))], ("axis", 0)))]);
    }

    private static GraphBuilder Attention(GraphBuilder g, string[] qkv)
    {
        (string q, string k, string v) = (qkv[0], qkv[1], qkv[2]);
        string scores = g.Node("Softmax", [g.Node("MatMul", [q, g.Node("Transpose", [k], ("perm", new long[] { 0, 1, 3, 2 }))])], ("axis", -1));
        string mixed = g.Node("Transpose", [g.Node("MatMul", [scores, v])], ("perm", new long[] { 0, 2, 1, 3 }));
        return g.Output(g.Node("MatMul", [g.Node("Reshape", [mixed, g.Ints(1, 5, 8)]), g.Weights(8, 12)]));
    }
}
