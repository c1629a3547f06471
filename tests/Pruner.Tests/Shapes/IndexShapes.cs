using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static Pruner.Tests.StandardShapes;

namespace Pruner.Tests;

/// <summary>Operators that pick, join, pad, repeat and view indices.</summary>
internal static class IndexShapes
{
    public static IReadOnlyList<GraphShape> All =>
    [
        new("shuffle by slices with a step of two", StridedShuffle, 8 + 4),
        new("channels in reverse", g => Head(g, Slice(g, g.Conv(X(g), 3, 8), [-1], [long.MinValue], [1], [-1]), 8), 8),
        new("focus: pictures of every second pixel", Focus, 6),
        new("slices of two axes of the weights at once", SlicedWeights, 10 + 2 + 2),
        new("first channel taken alone", FirstAlone, 7),
        new("channel picked by a scalar", g => PickOne(g, TensorEditor.FromInts("one", [3])), 7),
        new("channel picked by a vector of one", g => PickOne(g, TensorEditor.FromInts("one", [-5], 1)), 7),
        new("width of an embedding table", Embedding, 6),
        new("elements gathered one by one are frozen", g => Head(g, g.Node("GatherElements", [g.Conv(X(g), 3, 6), Zeros(g, 1, 6, 8, 8)], ("axis", 1)), 6), 0),
        new("scattered updates are frozen", Scatter, 0),
        new("partial convolution splits channels unevenly (nni#5713)", PartialConvolution, 2 + 6 + 2),
        new("chunk of uneven parts by number of outputs", g => Chunk(g, numOutputs: true), 7, Opset: 18),
        new("chunk without sizes", g => Chunk(g, numOutputs: false), 8, Opset: 13),
        new("chunk without sizes at opset 11", g => Chunk(g, numOutputs: false), 8, Opset: 11),
        new("split of a last axis counted from the end", SplitLast, 9),
        new("concat on an axis counted from the end", g => Head(g, g.Node("Concat", [g.Conv(X(g), 3, 4), g.Conv(X(g, "z"), 3, 5)], ("axis", -3)), 9), 9),
        new("concat over space", g => Head(g, g.Node("Concat", [g.Conv(X(g), 3, 6), g.Conv(X(g, "z"), 3, 6)], ("axis", 2)), 6), 6),
        new("one tensor joined with itself", SelfConcat, 6),
        new("border pads of the picture", g => Head(g, g.Node("Pad", [g.Node("Pad", [g.Conv(X(g), 3, 6), g.Ints(0, 0, 1, 1, 0, 0, 1, 1)], ("mode", "reflect")), g.Ints(0, 0, -1, 0, 0, 0, 0, -1)], ("mode", "edge")), 6), 6),
        new("pads by axes", PadAxes, 4 + 4, Opset: 18),
        new("pads as attribute at opset 10", PadOld, 4 + 4, Opset: 10),
        new("channels padded by their mirror are frozen", g => Head(g, g.Node("Pad", [g.Conv(X(g), 3, 6), g.Ints(0, 2, 0, 0, 0, 0, 0, 0)], ("mode", "reflect")), 8), 0),
        new("upsample by attribute at opset 8 (nni#4905)", g => Head(g, g.Node("Upsample", [g.Conv(X(g), 3, 6)], ("scales", new float[] { 1, 1, 2, 2 }), ("mode", "nearest")), 6), 6, Opset: 8),
        new("upsample by input at opset 9 (nni#3329)", g => Head(g, g.Node("Upsample", [g.Conv(X(g), 3, 6), Scales(g, 1, 1, 2, 2)], ("mode", "linear")), 6), 6, Opset: 9),
        new("resize at opset 10", g => Head(g, g.Node("Resize", [g.Conv(X(g), 3, 6), Scales(g, 1, 1, 2, 2)]), 6), 6, Opset: 10),
        new("resize of some axes", g => Head(g, g.Node("Resize", [g.Conv(X(g), 3, 6), "", "", g.Ints(12, 12)], ("axes", new long[] { 2, 3 }), ("mode", "linear")), 6), 6, Opset: 18),
        new("resize of some axes, channels among them", g => Head(g, g.Node("Resize", [g.Conv(X(g), 3, 6), "", "", g.Ints(6, 12)], ("axes", new long[] { 1, 2 })), 6), 6, Opset: 19),
        new("resize that keeps the aspect ratio", g => Head(g, g.Node("Resize", [g.Conv(X(g), 3, 6), "", "", g.Ints(12, 16)], ("axes", new long[] { 2, 3 }), ("keep_aspect_ratio_policy", "not_larger")), 6), 6, Opset: 19),
        new("a scale near one that leaves the number of channels is frozen", g => Head(g, g.Node("Resize", [g.Conv(X(g), 3, 8), "", Scales(g, 1, 1.06f, 2, 2)]), 8), 0),
        new("crop and resize is frozen", g => Head(g, g.Node("Resize", [g.Conv(X(g), 3, 6), g.Initializer(TensorEditor.FromFloats("roi", [0, 0, 0, 0, 1, 1, 1, 1], 8)), "", g.Ints(1, 6, 4, 4)], ("coordinate_transformation_mode", "tf_crop_and_resize")), 6), 0),
        new("channels tiled", g => Head(g, g.Node("Tile", [g.Conv(X(g), 3, 6), g.Ints(1, 2, 1, 2)]), 12), 6),
        new("gate expanded to a constant shape", g => Gated(g, g.Ints(1, 8, 8, 8)), 8 + 3),
        new("key and value heads repeated for grouped queries", RepeatedHeads, 3),
        new("flatten before the channels", g => g.Output(g.Linear(g.Node("Flatten", [g.Conv(X(g), 3, 6)], ("axis", -3)), 384, 5)), 6),
        new("flatten behind the channels, then a sum over them", FlattenRows, 6),
        new("unsqueeze and squeeze by attributes at opset 11", SqueezeOld, 6 + 6, Opset: 11),
        new("unsqueeze and squeeze by inputs", SqueezeNew, 6, Opset: 13),
        new("unsqueeze and squeeze at opset 23", SqueezeNew, 6, Opset: 23),
        new("pads by axes at opset 23", PadAxes, 4 + 4, Opset: 23),
        new("reshape with zero, minus one and a split axis", ZeroAndRest, 2),
        new("reshape where zero means zero", g => g.Output(g.Linear(g.Node("Reshape", [g.Conv(X(g), 3, 6), g.Ints(1, -1)], ("allowzero", 1)), 384, 5)), 6),
        new("permuted and reshaped rows (aimet#2059)", PermutedRows, 6),
    ];

    private static string Scales(GraphBuilder g, params float[] scales) => g.Initializer(TensorEditor.FromFloats("scales", scales, scales.Length));

    private static string Zeros(GraphBuilder g, params long[] dims) =>
        g.Initializer(TensorEditor.FromInts("zeros", new long[dims.Aggregate(1L, (a, d) => a * d)], dims));

    private static string Slice(GraphBuilder g, string x, long[] starts, long[] ends, long[] axes, long[] steps) =>
        g.Node("Slice", [x, g.Ints(starts), g.Ints(ends), g.Ints(axes), g.Ints(steps)]);

    private static GraphBuilder StridedShuffle(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string even = Slice(g, y, [0], [8], [1], [2]);
        string odd = Slice(g, y, [1], [100], [-3], [2]);
        return Head(g, g.Node("Concat", [even, g.Conv(odd, 4, 4)], ("axis", 1)), 8);
    }

    private static GraphBuilder Focus(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string[] parts = [.. new long[][] { [0, 0], [1, 0], [0, 1], [1, 1] }.Select(start => Slice(g, y, start, [100, 100], [2, 3], [2, 2]))];
        return Head(g, g.Node("Concat", parts, ("axis", 1)), 24);
    }

    private static GraphBuilder SlicedWeights(GraphBuilder g)
    {
        string w = Slice(g, g.Weights(9, 12), [1, 1], [8, -1], [0, 1], [1, 1]);
        string hidden = g.Relu(g.Node("MatMul", [g.Input("x", 2, 7), w]));
        return g.Output(g.Node("MatMul", [hidden, g.Weights(10, 4)]));
    }

    private static GraphBuilder FirstAlone(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        return g.Output(g.Conv(Slice(g, y, [0], [1], [1], [1]), 1, 2), g.Conv(y, 8, 3));
    }

    private static GraphBuilder PickOne(GraphBuilder g, EdgePrune.Onnx.Proto.TensorProto index)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string one = g.Node("Gather", [y, g.Initializer(index)], ("axis", 1));
        return g.Output(g.Conv(g.Node("Reshape", [one, g.Ints(1, 1, 8, 8)]), 1, 2), g.Conv(y, 8, 3));
    }

    private static GraphBuilder Embedding(GraphBuilder g)
    {
        string ids = g.Node("Cast", [g.Input("ids", 1, 5)], ("to", 7));
        string words = g.Node("Gather", [g.Weights(20, 6), ids]);
        return g.Output(g.Node("MatMul", [words, g.Weights(6, 4)]));
    }

    private static GraphBuilder Scatter(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        return Head(g, g.Node("ScatterND", [y, g.Initializer(TensorEditor.FromInts("at", [0, 2], 1, 2)), g.Input("u", 1, 8, 8)]), 6);
    }

    private static GraphBuilder PartialConvolution(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string[] parts = g.Nodes("Split", [y, g.Ints(2, 6)], 2, ("axis", 1));
        return Head(g, g.Node("Concat", [g.Conv(parts[0], 2, 2), parts[1]], ("axis", 1)), 8);
    }

    private static GraphBuilder Chunk(GraphBuilder g, bool numOutputs)
    {
        int channels = numOutputs ? 7 : 8;
        string y = g.Conv(X(g), 3, channels);
        string[] parts = numOutputs ? g.Nodes("Split", [y], 2, ("axis", 1), ("num_outputs", 2)) : g.Nodes("Split", [y], 2, ("axis", 1));
        return g.Output(g.Conv(parts[0], 4, 2), g.Conv(parts[1], channels - 4, 2));
    }

    private static GraphBuilder SplitLast(GraphBuilder g)
    {
        string y = g.Node("MatMul", [g.Input("x", 2, 7), g.Weights(7, 9)]);
        string[] parts = g.Nodes("Split", [y, g.Ints(4, 5)], 2, ("axis", -1));
        return g.Output(g.Node("MatMul", [g.Relu(parts[1]), g.Weights(5, 3)]), g.Node("MatMul", [parts[0], g.Weights(4, 3)]));
    }

    private static GraphBuilder SelfConcat(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        return Head(g, g.Node("Concat", [y, g.Relu(y), y], ("axis", 1)), 18);
    }

    private static GraphBuilder PadAxes(GraphBuilder g)
    {
        string stem = g.Relu(g.Conv(X(g), 3, 4));
        string padded = g.Node("Pad", [stem, g.Ints(2, 2), "", g.Ints(-3)]);
        return Head(g, g.Node("Add", [g.Conv(stem, 4, 8), padded]), 8);
    }

    private static GraphBuilder PadOld(GraphBuilder g)
    {
        string stem = g.Relu(g.Conv(X(g), 3, 4));
        string padded = g.Node("Pad", [stem], ("pads", new long[] { 0, 1, 0, 0, 0, 3, 0, 0 }), ("value", 0f));
        return Head(g, g.Node("Add", [g.Conv(stem, 4, 8), padded]), 8);
    }

    internal static GraphBuilder Gated(GraphBuilder g, string? shape)
    {
        string y = g.Conv(X(g), 3, 8);
        string small = g.Relu(g.Conv(g.Node("GlobalAveragePool", [y]), 8, 3, 1));
        string gate = g.Node("Expand", [g.Node("Sigmoid", [g.Conv(small, 3, 8, 1)]), shape ?? g.Node("Shape", [y])]);
        return Head(g, g.Node("Mul", [y, gate]), 8);
    }

    private static GraphBuilder RepeatedHeads(GraphBuilder g)
    {
        // 3 heads of 4, each shared by two queries.
        string heads = g.Node("Reshape", [g.Node("MatMul", [g.Input("x", 5, 7), g.Weights(7, 12)]), g.Ints(5, 3, 1, 4)]);
        string repeated = g.Node("Expand", [heads, g.Ints(5, 3, 2, 4)]);
        string joined = g.Node("Reshape", [repeated, g.Ints(5, 6, 4)]);
        string scaled = g.Node("Mul", [joined, g.Weights(6, 1)]);
        return g.Output(g.Node("MatMul", [g.Node("Reshape", [scaled, g.Ints(5, 24)]), g.Weights(24, 4)]));
    }

    private static GraphBuilder FlattenRows(GraphBuilder g)
    {
        string rows = g.Node("Flatten", [g.Conv(X(g), 3, 6)], ("axis", 2));
        return g.Output(g.Node("ReduceSum", [g.Linear(rows, 64, 5), g.Ints(0)]));
    }

    private static GraphBuilder SqueezeOld(GraphBuilder g)
    {
        string deep = g.Node("Unsqueeze", [g.Conv(X(g), 3, 6)], ("axes", new long[] { 2 }));
        string y = g.Relu(g.Node("Conv", [deep, g.Weights(6, 6, 1, 1, 1)], ("group", 1)));
        return g.Output(g.Conv(g.Node("Squeeze", [y], ("axes", new long[] { -3 })), 6, 4, 1), g.Conv(g.Node("Squeeze", [deep], ("axes", new long[] { 2 })), 6, 4));
    }

    private static GraphBuilder SqueezeNew(GraphBuilder g)
    {
        string deep = g.Node("Unsqueeze", [g.Conv(X(g), 3, 6), g.Ints(-4, 0)]);
        return Head(g, g.Node("Squeeze", [g.Node("Squeeze", [deep, g.Ints(0)]), g.Ints(-4)]), 6);
    }

    private static GraphBuilder ZeroAndRest(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string split = g.Node("Reshape", [y, g.Ints(0, 2, 3, 0, -1)]);
        string mixed = g.Node("Mul", [split, g.Weights(1, 2, 1, 1, 1)]);
        return Head(g, g.Node("Reshape", [mixed, g.Ints(0, 6, 8, 8)]), 6);
    }

    private static GraphBuilder PermutedRows(GraphBuilder g)
    {
        string y = g.Node("Transpose", [g.Node("Reshape", [g.Conv(X(g), 3, 6), g.Ints(1, 6, -1)])], ("perm", new long[] { 0, 2, 1 }));
        return g.Output(g.Linear(g.Node("Reshape", [y, g.Ints(-1, 6)]), 6, 5));
    }
}
