using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Small graphs for the standard operators of vision, audio and detection models, at old and new opsets where forms differ.</summary>
internal static class StandardShapes
{
    private static readonly CouplingOptions WholeGroups = new() { Kinds = [UnitKind.ConvolutionGroup] };
    private static readonly CouplingOptions Inexact = new() { AllowInexact = true };

    public static IReadOnlyList<GraphShape> All { get; } =
        [.. Convolutions, .. Elementwise, .. Reductions, .. IndexShapes.All, .. ComputedShapes.All, .. QuantizedShapes.All, .. NetworkShapes.All];

    private static IReadOnlyList<GraphShape> Convolutions =>
    [
        new("Conv1D audio stack", AudioStack, 8 + 6),
        new("3D convolution", Volume, 6 + 4),
        new("transposed convolution between convolutions (Torch-Pruning#99, aimet#832)", g => Up(g, 8, 5, 1), 8 + 5),
        new("grouped transposed convolution", g => Up(g, 8, 3, 2), 4 + 3),
        new("grouped transposed convolution of one output a group", g => Up(g, 8, 1, 2), 4),
        new("depthwise transposed convolution", g => Up(g, 6, 1, 6), 6),
        new("depthwise transposed convolution with multiplier", g => Up(g, 6, 2, 6), 6),
        new("a whole group of a transposed convolution goes (nni#3013)", g => Up(g, 8, 3, 4), 4, Options: WholeGroups),
        new("whole groups of a grouped convolution", g => Head(g, g.Conv(g.Conv(X(g), 3, 8, 1), 8, 12, 3, 4), 12), 4, Options: WholeGroups),
        new("whole groups of grouped convolutions in a row", g => Head(g, g.Conv(g.Relu(g.Conv(g.Conv(X(g), 3, 8, 1), 8, 8, 3, 4)), 8, 16, 1, 2), 16), 2, Options: WholeGroups),
        new("grouped convolution of one output a group", g => Head(g, g.Conv(g.Conv(X(g), 3, 8, 1), 8, 2, 3, 2), 2), 4),
        new("weights scaled by another tensor", g => ComputedWeights(g, "Mul"), 8 + 6),
        new("weights that are a sum of two tensors", g => ComputedWeights(g, "Add"), 8 + 6),
        new("one tensor is encoder and decoder", Tied, 5),
        new("weights on the left of a product", WeightsOnTheLeft, 6),
        new("weights of a convolution viewed from a matrix", MatrixWeights, 6 + 8),
        new("max pool whose indices nobody reads", g => Head(g, g.Nodes("MaxPool", [g.Conv(X(g), 3, 6)], 2, ("kernel_shape", new long[] { 2, 2 }))[0], 6), 6),
        new("max pool whose indices are read", Unpool, 0),
        new("pools by norm", g => Head(g, g.Node("GlobalLpPool", [g.Node("LpPool", [g.Conv(X(g), 3, 6)], ("kernel_shape", new long[] { 2, 2 }))]), 6), 6),
        new("normalisation at opset 8", g => Head(g, g.Relu(g.BatchNorm(g.Conv(X(g), 3, 6), 6)), 6), 6, Opset: 8),
        new("super-resolution head", SuperResolution, 8),
        new("pixel shuffle as DepthToSpace CRD (Torch-Pruning#420, #98)", g => DepthToSpace(g, "CRD"), 4),
        new("DepthToSpace DCR", g => DepthToSpace(g, "DCR"), 4),
        new("DepthToSpace at opset 10", g => DepthToSpace(g, null), 4, Opset: 10),
        new("SpaceToDepth (aimet#356)", g => Head(g, g.Node("SpaceToDepth", [g.Conv(X(g), 3, 6)], ("blocksize", 2)), 24), 6),
        new("regions of interest", Regions, 6),
        new("picture sampled on a grid", g => Head(g, g.Node("GridSample", [g.Conv(X(g), 3, 6), g.Input("grid", 1, 4, 4, 2)]), 6), 6),
        new("local response over channels", g => Head(g, g.Node("LRN", [g.Conv(X(g), 3, 6)], ("size", 3)), 6), 0),
    ];

    private static IReadOnlyList<GraphShape> Elementwise =>
    [
        new("equal lengths are matched by axis and not by length", EqualLengths, 8),
        new("operand is a scalar input of the graph", g => Head(g, g.Node("Mul", [g.Conv(X(g), 3, 6), g.Input("s")]), 6), 6),
        new("one slope, and slopes by channel in three shapes", Slopes, 6),
        new("slopes by element", g => Head(g, g.Node("PRelu", [g.Conv(X(g), 3, 6), g.Weights(6, 8, 8)]), 6), 6),
        new("clip with tensors", g => Head(g, g.Node("Clip", [g.Conv(X(g), 3, 6), g.Initializer(TensorEditor.FromFloats("low", [-0.5f])), g.Initializer(TensorEditor.FromFloats("high", [0.5f]))]), 6), 6),
        new("clip with attributes at opset 9", g => Head(g, g.Node("Clip", [g.Conv(X(g), 3, 6)], ("min", -0.5f), ("max", 0.5f)), 6), 6, Opset: 9),
        new("dropout, identity and casts", g => Head(g, g.Node("CastLike", [g.Node("Cast", [g.Node("Identity", [g.Node("Dropout", [g.Conv(X(g), 3, 6)])])], ("to", 11)), g.Weights(2)]), 6), 6),
        new("where with a condition over space", g => Head(g, g.Node("Where", [Mask(g, 1, 1, 8, 8), g.Conv(X(g), 3, 6), g.Weights(1, 6, 1, 1)]), 6), 6),
        new("where with a condition by channel is frozen", g => Head(g, g.Node("Where", [Mask(g, 1, 6, 1, 1), g.Conv(X(g), 3, 6), g.Weights(1, 6, 1, 1)]), 6), 0),
        new("comparison gates channels", g => Gate(g), 6),
        new("units over two axes meet a vector over one", g => Joint(g, g.Weights(4)), 4),
        new("units over two axes meet an input over one", g => Joint(g, g.Input("m", 3, 1)), 4),
        new("units over two axes meet others over two", g => Joint(g, g.Weights(3, 4)), 4),
        new("a triangle of the picture", g => Head(g, g.Node("Trilu", [g.Conv(X(g), 3, 6)], ("upper", 0)), 6), 6),
        // Hardly any spread, for two runs of a graph that draws anew cannot be compared.
        new("random factors of the picture's shape are frozen", g => Head(g, g.Node("Mul", [g.Conv(X(g), 3, 6), g.Node("RandomNormalLike", [g.Conv(X(g, "r"), 3, 6)], ("mean", 1f), ("scale", 1e-7f))]), 6), 0),
    ];

    private static IReadOnlyList<GraphShape> Reductions =>
    [
        new("sum over channels", g => Head(g, g.Node("ReduceSum", [g.Node("Sigmoid", [g.Conv(X(g), 3, 8)]), g.Ints(1)]), 1), 8),
        new("sum over channels at opset 11", g => Head(g, g.Node("ReduceSum", [g.Node("Sigmoid", [g.Conv(X(g), 3, 8)])], ("axes", new long[] { 1 })), 1), 8, Opset: 11),
        new("channels divided by their L2 norm", g => ByNorm(g, "ReduceL2"), 8),
        new("channels divided by their L1 norm", g => ByNorm(g, "ReduceL1"), 8),
        new("channels divided by the sum of their squares", g => ByNorm(g, "ReduceSumSquare"), 8),
        new("logarithm of a sum over channels", g => Head(g, g.Node("ReduceLogSum", [g.Node("Sigmoid", [g.Conv(X(g), 3, 8)]), g.Ints(-3)]), 1), 8, Opset: 18),
        new("sum over everything but the batch", SumOfAll, 8),
        new("maximum over channels of positive values is not assumed exact", g => Head(g, g.Node("ReduceMax", [g.Relu(g.Conv(X(g), 3, 8))], ("axes", new long[] { 1 })), 1), 0),
        new("mean over channels is inexact", g => Head(g, g.Node("ReduceMean", [g.Conv(X(g), 3, 8)], ("axes", new long[] { 1 })), 1), 8, Options: Inexact),
        new("mean over channels is frozen where inexact units are not allowed", g => Head(g, g.Node("ReduceMean", [g.Conv(X(g), 3, 8)], ("axes", new long[] { 1 })), 1), 0),
        new("mean over space by an input of axes", g => g.Output(g.Linear(g.Node("ReduceMean", [g.Conv(X(g), 3, 6), g.Ints(2, 3)], ("keepdims", 0)), 6, 4)), 6, Opset: 18),
        new("running sums over channels", g => Head(g, g.Node("CumSum", [g.Node("Sigmoid", [g.Conv(X(g), 3, 8)]), g.Initializer(TensorEditor.FromInts("axis", [1]))]), 8), 8),
        new("index of the strongest channel", g => Head(g, g.Node("Cast", [g.Node("ArgMax", [g.Conv(X(g), 3, 8)], ("axis", 1))], ("to", 1)), 1), 0),
        new("index of the strongest place in each channel", Strongest, 6),
        new("strongest places of each channel", TopPlaces, 6),
        new("sum of products over heads of one linear layer", SumOverJoint, 4),
    ];

    internal static string X(GraphBuilder g, string name = "x") => g.Input(name, 1, 3, 8, 8);

    internal static GraphBuilder Head(GraphBuilder g, string value, int channels) => g.Output(g.Conv(value, channels, 4));

    private static string Mask(GraphBuilder g, params long[] dims)
    {
        byte[] flags = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, d) => a * d)).Select(i => (byte)(i % 3 == 0 ? 0 : 1))];
        return g.Initializer(TensorEditor.FromRaw("mask", EdgePrune.Onnx.Proto.TensorProto.Types.DataType.Bool, flags, dims));
    }

    private static GraphBuilder AudioStack(GraphBuilder g)
    {
        string y = g.Node("Conv", [g.Input("x", 1, 4, 64), g.Weights(8, 4, 5), g.Weights(8)], ("strides", new long[] { 2 }));
        y = g.Node("AveragePool", [g.Relu(g.BatchNorm(y, 8))], ("kernel_shape", new long[] { 2 }));
        y = g.Node("Conv", [y, g.Weights(8, 1, 3), g.Weights(8)], ("group", 8), ("dilations", new long[] { 2 }));
        y = g.Relu(g.Node("Conv", [y, g.Weights(6, 8, 1)]));
        return g.Output(g.Linear(g.Node("Flatten", [g.Node("GlobalAveragePool", [y])]), 6, 3));
    }

    private static GraphBuilder Volume(GraphBuilder g)
    {
        string y = g.Relu(g.Node("Conv", [g.Input("x", 1, 2, 6, 6, 6), g.Weights(6, 2, 3, 3, 3), g.Weights(6)]));
        y = g.Node("MaxPool", [y], ("kernel_shape", new long[] { 2, 2, 2 }), ("strides", new long[] { 2, 2, 2 }));
        y = g.Node("Conv", [y, g.Weights(4, 6, 1, 1, 1), g.Weights(4)]);
        return g.Output(g.Linear(g.Node("ReduceMean", [y], ("axes", new long[] { 2, 3, 4 }), ("keepdims", 0)), 4, 3));
    }

    private static GraphBuilder Up(GraphBuilder g, int input, int perGroup, int groups)
    {
        int output = perGroup * groups;
        string up = g.Node("ConvTranspose", [g.Conv(X(g), 3, input), g.Weights(input, perGroup, 2, 2), g.Weights(output)], ("group", groups), ("strides", new long[] { 2, 2 }));
        return Head(g, g.Relu(up), output);
    }

    private static GraphBuilder ComputedWeights(GraphBuilder g, string op)
    {
        string w = g.Node(op, [g.Weights(6, 8, 3, 3), g.Weights(6, op == "Mul" ? 1 : 8, 1, 1)]);
        string y = g.Node("Sigmoid", [g.Conv(X(g), 3, 8)]);
        return Head(g, g.Relu(g.Node("Conv", [y, w, g.Weights(6)])), 6);
    }

    private static GraphBuilder Tied(GraphBuilder g)
    {
        string w = g.Weights(7, 5);
        string hidden = g.Node("Sigmoid", [g.Node("Gemm", [g.Input("x", 2, 7), w, g.Weights(5)])]);
        return g.Output(g.Node("Gemm", [hidden, w], ("transB", 1)));
    }

    private static GraphBuilder WeightsOnTheLeft(GraphBuilder g)
    {
        string hidden = g.Node("Sigmoid", [g.Node("Gemm", [g.Weights(6, 7), g.Input("x", 7, 3), g.Weights(6, 1)])]);
        return g.Output(g.Node("Gemm", [g.Weights(6, 4), hidden], ("transA", 1)));
    }

    private static GraphBuilder MatrixWeights(GraphBuilder g)
    {
        string w = g.Node("Unsqueeze", [g.Node("Transpose", [g.Weights(8, 6)]), g.Ints(2, 3)]);
        return Head(g, g.Node("Conv", [g.Relu(g.Conv(X(g), 3, 8)), w]), 6);
    }

    private static GraphBuilder Unpool(GraphBuilder g)
    {
        string[] pooled = g.Nodes("MaxPool", [g.Conv(X(g), 3, 6)], 2, ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        return Head(g, g.Node("MaxUnpool", [pooled[0], pooled[1]], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })), 6);
    }

    private static GraphBuilder SuperResolution(GraphBuilder g) =>
        g.Output(g.Node("DepthToSpace", [g.Conv(g.Relu(g.Conv(X(g), 3, 8)), 8, 12)], ("blocksize", 2), ("mode", "CRD")));

    private static GraphBuilder DepthToSpace(GraphBuilder g, string? mode)
    {
        string y = g.Conv(X(g), 3, 16);
        return Head(g, g.Relu(mode is null ? g.Node("DepthToSpace", [y], ("blocksize", 2)) : g.Node("DepthToSpace", [y], ("blocksize", 2), ("mode", mode))), 4);
    }

    private static GraphBuilder Regions(GraphBuilder g)
    {
        string rois = g.Initializer(TensorEditor.FromFloats("rois", [0, 0, 6, 6, 1, 2, 7, 5], 2, 4));
        string y = g.Node("RoiAlign", [g.Conv(X(g), 3, 6), rois, g.Ints(0, 0)], ("output_height", 2), ("output_width", 2));
        return Head(g, y, 6);
    }

    private static GraphBuilder EqualLengths(GraphBuilder g)
    {
        // The picture is 8 × 8 and has 8 channels: weights [8, 8] are by row and column, weights [8, 1, 1] by channel.
        string y = g.Node("Add", [g.Conv(X(g), 3, 8), g.Weights(8, 8)]);
        return Head(g, g.Node("Mul", [g.Node("Mul", [y, g.Weights(8, 1, 1)]), g.Weights(8)]), 8);
    }

    private static GraphBuilder Slopes(GraphBuilder g)
    {
        string y = g.Node("PRelu", [g.Conv(X(g), 3, 6), g.Weights(1)]);
        y = g.Node("PRelu", [g.Node("PRelu", [y, g.Weights(6, 1, 1)]), g.Weights(1, 6, 1, 1)]);
        return Head(g, g.Node("PRelu", [y, g.Weights(1, 1, 8)]), 6);
    }

    private static GraphBuilder Gate(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string strong = g.Node("And", [g.Node("Greater", [y, g.Weights(6, 1, 1)]), g.Node("Not", [g.Node("IsNaN", [y])])]);
        return Head(g, g.Node("Where", [strong, y, g.Node("Min", [y, g.Weights(1), g.Node("Floor", [y])])]), 6);
    }

    private static GraphBuilder Joint(GraphBuilder g, string operand)
    {
        string view = g.Node("Reshape", [g.Linear(g.Input("x", 1, 7), 7, 12), g.Ints(1, 3, 4)]);
        return g.Output(g.Linear(g.Node("Reshape", [g.Node("Mul", [view, operand]), g.Ints(1, 12)]), 12, 5));
    }

    private static GraphBuilder ByNorm(GraphBuilder g, string reduce)
    {
        string y = g.Conv(X(g), 3, 8);
        string norm = g.Node(reduce, [y], ("axes", new long[] { 1 }), ("keepdims", 1));
        return Head(g, g.Node("Div", [y, norm]), 8);
    }

    private static GraphBuilder SumOfAll(GraphBuilder g) =>
        g.Output(g.Linear(g.Node("Reshape", [g.Node("ReduceSum", [g.Node("Softplus", [g.Conv(X(g), 3, 8)]), g.Ints(1, 2, 3)], ("keepdims", 0)), g.Ints(1, 1)]), 1, 3));

    private static GraphBuilder Strongest(GraphBuilder g)
    {
        string y = g.Node("Reshape", [g.Conv(X(g), 3, 6), g.Ints(1, 6, 64)]);
        return g.Output(g.Linear(g.Node("Cast", [g.Node("ArgMax", [y], ("axis", 2), ("keepdims", 0))], ("to", 1)), 6, 4));
    }

    private static GraphBuilder TopPlaces(GraphBuilder g)
    {
        string y = g.Node("Reshape", [g.Conv(X(g), 3, 6), g.Ints(1, 6, 64)]);
        return g.Output(g.Linear(g.Node("Flatten", [g.Nodes("TopK", [y, g.Ints(5)], 2)[0]]), 30, 4));
    }

    private static GraphBuilder SumOverJoint(GraphBuilder g)
    {
        string view = g.Node("Reshape", [g.Linear(g.Input("x", 1, 7), 7, 12), g.Ints(1, 3, 4)]);
        return g.Output(g.Linear(g.Node("ReduceSum", [g.Node("Sigmoid", [view]), g.Ints(1)], ("keepdims", 0)), 4, 5));
    }
}
