using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static Pruner.Tests.StandardShapes;

namespace Pruner.Tests;

/// <summary>Blocks of networks that people deploy, whole.</summary>
internal static class NetworkShapes
{
    public static IReadOnlyList<GraphShape> All =>
    [
        new("DenseNet block with BN on concat", Dense, 8 + 6 + 4 + 6 + 4),
        new("Inception block", Inception, 8 + 4 + 3 + 5 + 3 + 3 + 5 + 2),
        new("ShuffleNet v2 unit", ShuffleUnit, 4 + 4 + 4),
        new("MobileNet v2 inverted residual", InvertedResidual, 4 + 12),
        new("MobileNet v3 gate with HardSwish by Clip", SqueezeHardSwish, 12 + 3),
        new("YOLOv8 C2f block with SPPF and Detect head", Yolo, 8 + 4 + 4 + 4 + 8 + 4 + 8 + 6 + 5),
        new("U-Net with a transposed convolution", UNet, 6 + 8 + 5 + 6),
        new("spatial attention by mean and maximum over channels is inexact", SpatialAttention, 8, Options: new() { AllowInexact = true }),
        new("patches of a picture into tokens", Patches, 12),
        new("single shot detector head", Detector, 8 + 6),
    ];

    private static string Unit(GraphBuilder g, string x, int input, int output, int kernel = 3) => g.Relu(g.BatchNorm(g.Conv(x, input, output, kernel), output));

    private static GraphBuilder Dense(GraphBuilder g)
    {
        string all = g.Conv(X(g), 3, 8);
        int channels = 8;
        for (int layer = 0; layer < 2; layer++)
        {
            string narrow = g.Conv(g.Relu(g.BatchNorm(all, channels)), channels, 6, 1);
            all = g.Node("Concat", [all, g.Conv(g.Relu(g.BatchNorm(narrow, 6)), 6, 4)], ("axis", 1));
            channels += 4;
        }

        string transition = g.Conv(g.Relu(g.BatchNorm(all, channels)), channels, 4, 1);
        return g.Output(g.Node("AveragePool", [transition], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })));
    }

    private static GraphBuilder Inception(GraphBuilder g)
    {
        string x = Unit(g, X(g), 3, 8);
        string one = Unit(g, x, 8, 4, 1);
        string three = Unit(g, Unit(g, x, 8, 3, 1), 3, 5);
        string wide = g.Node("Conv", [Unit(g, x, 8, 3, 1), g.Weights(3, 3, 1, 7), g.Weights(3)], ("pads", new long[] { 0, 3, 0, 3 }));
        string high = g.Node("Conv", [g.Relu(wide), g.Weights(5, 3, 7, 1), g.Weights(5)], ("pads", new long[] { 3, 0, 3, 0 }));
        string pooled = g.Node("AveragePool", [x], ("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 }), ("count_include_pad", 1));
        return Head(g, g.Node("Concat", [one, three, g.Relu(high), Unit(g, pooled, 8, 2, 1)], ("axis", 1)), 16);
    }

    private static GraphBuilder ShuffleUnit(GraphBuilder g)
    {
        string y = Unit(g, X(g), 3, 8, 1);
        string[] halves = g.Nodes("Split", [y, g.Ints(4, 4)], 2, ("axis", 1));
        string branch = g.BatchNorm(g.Conv(Unit(g, halves[1], 4, 4, 1), 4, 4, 3, 4), 4);
        string joined = g.Node("Concat", [halves[0], Unit(g, branch, 4, 4, 1)], ("axis", 1));
        string view = g.Node("Reshape", [joined, g.Ints(-1, 2, 4, 8, 8)]);
        string swapped = g.Node("Transpose", [view], ("perm", new long[] { 0, 2, 1, 3, 4 }));
        return Head(g, g.Node("Reshape", [swapped, g.Ints(-1, 8, 8, 8)]), 8);
    }

    private static GraphBuilder InvertedResidual(GraphBuilder g)
    {
        string x = g.Conv(X(g), 3, 4);
        string Six(string y) => g.Node("Clip", [y, g.Initializer(TensorEditor.FromFloats($"{y}_low", [0])), g.Initializer(TensorEditor.FromFloats($"{y}_high", [6]))]);
        string wide = Six(g.BatchNorm(g.Conv(x, 4, 12, 1), 12));
        string deep = Six(g.BatchNorm(g.Conv(wide, 12, 12, 3, 12), 12));
        return Head(g, g.Node("Add", [x, g.BatchNorm(g.Conv(deep, 12, 4, 1), 4)]), 4);
    }

    private static GraphBuilder SqueezeHardSwish(GraphBuilder g)
    {
        string y = g.BatchNorm(g.Conv(X(g), 3, 12), 12);
        string three = g.Initializer(TensorEditor.FromFloats("three", [3]));
        string six = g.Initializer(TensorEditor.FromFloats("six", [6]));
        string zero = g.Initializer(TensorEditor.FromFloats("zero", [0]));
        string Hard(string v) => g.Node("Div", [g.Node("Clip", [g.Node("Add", [v, three]), zero, six]), six]);
        y = g.Node("Mul", [y, Hard(y)]);
        string mean = g.Node("ReduceMean", [y], ("axes", new long[] { 2, 3 }), ("keepdims", 1));
        string gate = Hard(g.Conv(g.Relu(g.Conv(mean, 12, 3, 1)), 3, 12, 1));
        return Head(g, g.Node("Mul", [gate, y]), 12);
    }

    private static GraphBuilder Yolo(GraphBuilder g)
    {
        string Silu(string v) => g.Node("Mul", [v, g.Node("Sigmoid", [v])]);
        string y = Silu(g.Conv(X(g), 3, 8));
        // C2f
        string[] halves = g.Nodes("Split", [Silu(g.Conv(y, 8, 8, 1)), g.Ints(4, 4)], 2, ("axis", 1));
        string inner = Silu(g.Conv(Silu(g.Conv(halves[1], 4, 4)), 4, 4));
        y = Silu(g.Conv(g.Node("Concat", [halves[0], halves[1], g.Node("Add", [halves[1], inner])], ("axis", 1)), 12, 8, 1));
        // SPPF
        var pools = new List<string> { Silu(g.Conv(y, 8, 4, 1)) };
        for (int i = 0; i < 3; i++)
        {
            pools.Add(g.Node("MaxPool", [pools[^1]], ("kernel_shape", new long[] { 5, 5 }), ("pads", new long[] { 2, 2, 2, 2 }), ("strides", new long[] { 1, 1 })));
        }

        y = Silu(g.Conv(g.Node("Concat", [.. pools], ("axis", 1)), 16, 8, 1));
        // Detect: distances of 4 sides over 4 bins, and 3 classes.
        string box = g.Conv(Silu(g.Conv(y, 8, 6)), 6, 16, 1);
        string kind = g.Conv(Silu(g.Conv(y, 8, 5)), 5, 3, 1);
        string rows = g.Node("Reshape", [g.Node("Concat", [box, kind], ("axis", 1)), g.Ints(1, 19, -1)]);
        string[] parts = g.Nodes("Split", [rows, g.Ints(16, 3)], 2, ("axis", 1));
        string bins = g.Node("Transpose", [g.Node("Reshape", [parts[0], g.Ints(1, 4, 4, 64)])], ("perm", new long[] { 0, 2, 1, 3 }));
        string mean = g.Node("Conv", [g.Node("Softmax", [bins], ("axis", 1)), g.Initializer(TensorEditor.FromFloats("bins", [0, 1, 2, 3], 1, 4, 1, 1))]);
        string sides = g.Node("Reshape", [mean, g.Ints(1, 4, 64)]);
        string near = g.Node("Sub", [g.Weights(1, 2, 64), g.Node("Slice", [sides, g.Ints(0), g.Ints(2), g.Ints(1)])]);
        string far = g.Node("Add", [g.Weights(1, 2, 64), g.Node("Slice", [sides, g.Ints(2), g.Ints(4), g.Ints(1)])]);
        return g.Output(g.Node("Concat", [near, far, g.Node("Sigmoid", [parts[1]])], ("axis", 1)));
    }

    private static GraphBuilder UNet(GraphBuilder g)
    {
        string skip = Unit(g, X(g), 3, 6);
        string deep = Unit(g, g.Node("MaxPool", [skip], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })), 6, 8);
        string up = g.Node("ConvTranspose", [deep, g.Weights(8, 5, 2, 2), g.Weights(5)], ("strides", new long[] { 2, 2 }));
        return Head(g, Unit(g, g.Node("Concat", [up, skip], ("axis", 1)), 11, 6), 6);
    }

    private static GraphBuilder SpatialAttention(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string mean = g.Node("ReduceMean", [y], ("axes", new long[] { 1 }));
        string most = g.Node("ReduceMax", [y], ("axes", new long[] { 1 }));
        string gate = g.Node("Sigmoid", [g.Conv(g.Node("Concat", [mean, most], ("axis", 1)), 2, 1)]);
        return Head(g, g.Node("Mul", [y, gate]), 8);
    }

    private static GraphBuilder Patches(GraphBuilder g)
    {
        string y = g.Node("Conv", [X(g), g.Weights(12, 3, 2, 2), g.Weights(12)], ("strides", new long[] { 2, 2 }));
        string tokens = g.Node("Transpose", [g.Node("Reshape", [y, g.Ints(0, 12, -1)])], ("perm", new long[] { 0, 2, 1 }));
        string all = g.Node("Add", [g.Node("Concat", [g.Weights(1, 1, 12), tokens], ("axis", 1)), g.Weights(1, 17, 12)]);
        return g.Output(g.Node("MatMul", [g.Relu(all), g.Weights(12, 4)]));
    }

    private static GraphBuilder Detector(GraphBuilder g)
    {
        string first = Unit(g, X(g), 3, 8);
        string second = Unit(g, g.Node("MaxPool", [first], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })), 8, 6);
        string Rows(string y, int channels, int outputs) => g.Node(
            "Reshape", [g.Node("Transpose", [g.Conv(y, channels, outputs)], ("perm", new long[] { 0, 2, 3, 1 })), g.Ints(1, -1, 4)]);
        string boxes = g.Node("Concat", [Rows(first, 8, 8), Rows(second, 6, 12)], ("axis", 1));
        return g.Output(boxes, g.Node("Softmax", [g.Node("Concat", [Rows(first, 8, 8), Rows(second, 6, 12)], ("axis", 1))], ("axis", 2)));
    }
}
