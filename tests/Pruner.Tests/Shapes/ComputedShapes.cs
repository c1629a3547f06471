using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static Pruner.Tests.StandardShapes;

namespace Pruner.Tests;

/// <summary>Shapes, bounds and sizes that the model computes when it runs, in the chains that exporters write.</summary>
internal static class ComputedShapes
{
    public static IReadOnlyList<GraphShape> All =>
    [
        new("ShuffleNet shuffle with computed shapes", g => Shuffle(g, batch: 1), 4 + 4),
        new("ShuffleNet shuffle with computed shapes, batch and picture free", g => Shuffle(g, batch: -1), 4 + 4),
        new("heads joined with a batch that is known", g => BatchOfHeads(g, batch: 1), 4),
        new("heads joined with a free batch", g => BatchOfHeads(g, batch: -1), 4),
        new("flatten by a product of lengths", FlattenByProduct, 6),
        new("chunk by computed bounds (nni#3329, nni#5416)", ChunkByBounds, 8 + 4, Opset: 11),
        new("split by computed sizes", SplitBySizes, 8),
        new("crop of the picture by computed bounds", CropLike, 6 + 4),
        new("resize to the size of another value (nni#5245)", g => ResizeLike(g, useScales: false), 6 + 6),
        new("resize by scales computed from lengths", g => ResizeLike(g, useScales: true), 6 + 6),
        new("resize to computed sizes with the channels as a number", ResizeWithNumber, 6),
        new("gate expanded like another value", g => IndexShapes.Gated(g, null), 8 + 3),
        new("expand with sizes chosen by Where", ExpandByWhere, 6),
        new("pads assembled as torch exports them", PadsAssembled, 6),
        new("reshape with the channels as a number beside computed lengths", NumberBesideLengths, 6),
        new("shape by start and end", ShapeByRange, 6),
        new("a length used as a factor is frozen", LengthAsFactor, 0),
        new("zeros of a computed shape are frozen (aimet#4011)", ZerosLike, 0),
    ];

    private static string Length(GraphBuilder g, string value, long axis) =>
        g.Node("Gather", [g.Node("Shape", [value]), g.Initializer(TensorEditor.FromInts($"{value}_axis{axis}", [axis]))], ("axis", 0));

    private static string Join(GraphBuilder g, params string[] entries) =>
        g.Node("Concat", [.. entries.Select(e => g.Node("Unsqueeze", [e, g.Ints(0)]))], ("axis", 0));

    private static string Scalar(GraphBuilder g, long value) => g.Node("Constant", [], ("value", TensorEditor.FromInts("", [value])));

    private static GraphBuilder Shuffle(GraphBuilder g, int batch)
    {
        int size = batch < 0 ? -1 : 8;
        string y = g.Conv(g.Conv(g.Input("x", batch, 3, size, size), 3, 8), 8, 8, 1, 2);
        string[] lengths = [.. Enumerable.Range(0, 4).Select(axis => Length(g, y, axis))];
        string two = Scalar(g, 2);
        string perGroup = g.Node("Div", [lengths[1], two]);
        string view = g.Node("Reshape", [y, Join(g, lengths[0], two, perGroup, lengths[2], lengths[3])]);
        string swapped = g.Node("Transpose", [view], ("perm", new long[] { 0, 2, 1, 3, 4 }));
        string joined = g.Node("Reshape", [swapped, Join(g, lengths[0], Scalar(g, -1), lengths[2], lengths[3])]);
        return g.Output(g.Conv(g.Conv(joined, 8, 8, 3, 8), 8, 4, 1));
    }

    private static GraphBuilder BatchOfHeads(GraphBuilder g, int batch)
    {
        // [N, 5, 12] → [N·3, 5, 4], as torch's multi-head attention folds heads into the batch.
        string y = g.Node("MatMul", [g.Input("x", batch, 5, 7), g.Weights(7, 12)]);
        string n = Length(g, y, 0);
        string heads = g.Node("Reshape", [y, Join(g, n, Scalar(g, 5), Scalar(g, 3), Scalar(g, 4))]);
        string first = g.Node("Transpose", [heads], ("perm", new long[] { 0, 2, 1, 3 }));
        string folded = g.Node("Reshape", [first, Join(g, g.Node("Mul", [n, Scalar(g, 3)]), Scalar(g, 5), Scalar(g, 4))]);
        string back = g.Node("Reshape", [g.Node("Sigmoid", [folded]), Join(g, n, Scalar(g, 3), Scalar(g, 5), Scalar(g, 4))]);
        string last = g.Node("Transpose", [back], ("perm", new long[] { 0, 2, 1, 3 }));
        return g.Output(g.Node("MatMul", [g.Node("Reshape", [last, Join(g, n, Scalar(g, 5), Scalar(g, 12))]), g.Weights(12, 4)]));
    }

    private static GraphBuilder FlattenByProduct(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string product = g.Node("Mul", [g.Node("Mul", [Length(g, y, 1), Length(g, y, 2)]), Length(g, y, 3)]);
        return g.Output(g.Linear(g.Node("Reshape", [y, Join(g, Length(g, y, 0), product)]), 384, 5));
    }

    private static GraphBuilder ChunkByBounds(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string all = g.Node("Gather", [g.Node("Shape", [y]), g.Ints(1)], ("axis", 0));
        string half = g.Node("Div", [g.Node("Add", [all, g.Ints(1)]), g.Ints(2)]);
        string first = g.Node("Slice", [y, g.Node("Mul", [half, g.Ints(0)]), g.Node("Mul", [half, g.Ints(1)]), g.Ints(1)]);
        string second = g.Node("Slice", [y, half, g.Node("Mul", [half, g.Ints(2)]), g.Ints(1)]);
        return Head(g, g.Node("Concat", [g.Conv(second, 4, 4), first], ("axis", 1)), 8);
    }

    private static GraphBuilder SplitBySizes(GraphBuilder g)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        string half = g.Node("Div", [g.Node("Gather", [g.Node("Shape", [y]), g.Ints(1)], ("axis", 0)), g.Ints(2)]);
        string[] parts = g.Nodes("Split", [y, g.Node("Concat", [half, half], ("axis", 0))], 2, ("axis", 1));
        return g.Output(g.Conv(parts[0], 4, 2), g.Conv(parts[1], 4, 3));
    }

    private static GraphBuilder CropLike(GraphBuilder g)
    {
        // A skip of a U-Net is cropped to the picture that it joins.
        string wide = g.Conv(g.Input("x", 1, 3, -1, -1), 3, 6);
        string narrow = g.Node("Conv", [wide, g.Weights(4, 6, 3, 3), g.Weights(4)]);
        string size = g.Node("Slice", [g.Node("Shape", [narrow]), g.Ints(2), g.Ints(4)]);
        string cropped = g.Node("Slice", [wide, g.Ints(0, 0), size, g.Ints(2, 3)]);
        return Head(g, g.Node("Concat", [cropped, narrow], ("axis", 1)), 10);
    }

    private static GraphBuilder ResizeLike(GraphBuilder g, bool useScales)
    {
        string y = g.Relu(g.Conv(g.Input("x", 1, 3, -1, -1), 3, 6));
        string small = g.Node("Conv", [y, g.Weights(6, 6, 3, 3), g.Weights(6)], ("strides", new long[] { 2, 2 }), ("pads", new long[] { 1, 1, 1, 1 }));
        string up;
        if (useScales)
        {
            string from = g.Node("Cast", [g.Node("Slice", [g.Node("Shape", [small]), g.Ints(2), g.Ints(4)])], ("to", 1));
            string to = g.Node("Cast", [g.Node("Slice", [g.Node("Shape", [y]), g.Ints(2), g.Ints(4)])], ("to", 1));
            string ones = g.Node("Constant", [], ("value", TensorEditor.FromFloats("", [1, 1], 2)));
            up = g.Node("Resize", [small, "", g.Node("Concat", [ones, g.Node("Div", [to, from])], ("axis", 0))]);
        }
        else
        {
            string channels = g.Node("Slice", [g.Node("Shape", [small]), g.Ints(0), g.Ints(2)]);
            string size = g.Node("Slice", [g.Node("Shape", [y]), g.Ints(2), g.Ints(4)]);
            up = g.Node("Resize", [small, "", "", g.Node("Concat", [channels, size], ("axis", 0))], ("mode", "linear"));
        }

        return Head(g, g.Node("Concat", [y, up], ("axis", 1)), 12);
    }

    private static GraphBuilder ResizeWithNumber(GraphBuilder g)
    {
        string y = g.Conv(g.Input("x", -1, 3, -1, -1), 3, 6);
        string twice = g.Node("Mul", [g.Node("Slice", [g.Node("Shape", [y]), g.Ints(2), g.Ints(4)]), g.Ints(2)]);
        string sizes = g.Node("Concat", [g.Node("Slice", [g.Node("Shape", [y]), g.Ints(0), g.Ints(1)]), g.Ints(6), twice], ("axis", 0));
        return Head(g, g.Node("Resize", [y, "", "", sizes]), 6);
    }

    private static GraphBuilder ExpandByWhere(GraphBuilder g)
    {
        // torch's expand(n, -1, h, w): sizes of −1 are replaced by those that are there.
        string y = g.Node("GlobalAveragePool", [g.Conv(X(g), 3, 6)]);
        string wanted = Join(g, Length(g, y, 0), Length(g, y, 1), Scalar(g, 4), Scalar(g, 4));
        string ones = g.Node("ConstantOfShape", [g.Ints(4)], ("value", TensorEditor.FromInts("", [1], 1)));
        string none = g.Node("Equal", [wanted, g.Node("Mul", [ones, g.Ints(-1)])]);
        return Head(g, g.Node("Expand", [y, g.Node("Where", [none, ones, wanted])]), 6);
    }

    private static GraphBuilder PadsAssembled(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string zeros = g.Node("ConstantOfShape", [g.Ints(4)], ("value", TensorEditor.FromInts("", [0], 1)));
        string flat = g.Node("Concat", [g.Ints(1, 2, 0, 1), zeros], ("axis", 0));
        string reversed = g.Node("Slice", [g.Node("Reshape", [flat, g.Ints(-1, 2)]), g.Ints(-1), g.Ints(long.MinValue + 1), g.Ints(0), g.Ints(-1)]);
        string pads = g.Node("Cast", [g.Node("Reshape", [g.Node("Transpose", [reversed], ("perm", new long[] { 1, 0 })), g.Ints(-1)])], ("to", 7));
        return Head(g, g.Node("Pad", [y, pads]), 6);
    }

    private static GraphBuilder NumberBesideLengths(GraphBuilder g)
    {
        string y = g.Conv(g.Input("x", -1, 3, -1, -1), 3, 6);
        string rows = g.Node("Reshape", [y, Join(g, Length(g, y, 0), Scalar(g, 6), Scalar(g, -1))]);
        string mean = g.Node("ReduceMean", [rows], ("axes", new long[] { 2 }), ("keepdims", 0));
        return g.Output(g.Linear(mean, 6, 4));
    }

    private static GraphBuilder ShapeByRange(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string shape = g.Node("Concat", [g.Node("Shape", [y], ("start", -4), ("end", 2)), g.Ints(-1)], ("axis", 0));
        return g.Output(g.Linear(g.Node("ReduceSum", [g.Node("Reshape", [y, shape]), g.Ints(2)], ("keepdims", 0)), 6, 4));
    }

    private static GraphBuilder LengthAsFactor(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string root = g.Node("Sqrt", [g.Node("Cast", [Length(g, y, 1)], ("to", 1))]);
        return Head(g, g.Node("Div", [y, root]), 6);
    }

    private static GraphBuilder ZerosLike(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 6);
        string zeros = g.Node("ConstantOfShape", [g.Node("Shape", [y])], ("value", TensorEditor.FromFloats("", [0.5f], 1)));
        return Head(g, g.Node("Add", [y, zeros]), 6);
    }
}
