using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class LayoutGradientTests
{
    [Fact]
    public void Gradients_through_reshapes_and_transpositions_agree_with_differences()
    {
        var b = new GraphBuilder();
        string x = b.Node("Reshape", [b.Input("x", 2, 3, 4), b.Ints(4, -1)]);
        string y = b.Node("Transpose", [b.Node("Unsqueeze", [x, b.Ints(1)])], ("perm", new long[] { 2, 0, 1 }));
        string z = b.Node("Flatten", [b.Node("Mul", [y, y])], ("axis", 1));
        string t = b.Node("Transpose", [b.Node("Squeeze", [b.Node("Unsqueeze", [z, b.Ints(0)]), b.Ints(0)])]);
        GradientCheck.Run(b.Output(t).Build(), 1);
    }

    [Fact]
    public void Gradients_of_Concat_and_Split_agree_with_differences()
    {
        var b = new GraphBuilder();
        string x = b.Input("x", 2, 5, 3);
        string[] parts = b.Nodes("Split", [x, b.Ints(1, 2, 2)], 3, ("axis", 1));
        // The first part is not read; the second twice.
        string y = b.Node("Concat", [parts[1], b.Node("Mul", [parts[2], parts[1]]), b.Input("z", 2, 1, 3)], ("axis", -2));
        GradientCheck.Run(b.Output(y).Build(), 2);
    }

    [Theory]
    [InlineData("1,0", "3,4", "1,2", "1,1")]
    [InlineData("0,1", "5,6", "0,1", "2,3")]
    [InlineData("-1,-2", "-100,-100", "0,1", "-1,-2")]
    [InlineData("1", "1000", "1", "2")]
    [InlineData("-3", "-1", "1", "1")]
    [InlineData("4", "0", "1", "-3")]
    public void Gradients_of_Slice_agree_with_differences(string starts, string ends, string axes, string steps)
    {
        var b = new GraphBuilder();
        string y = b.Node("Slice", [b.Input("x", 5, 6, 4), b.Ints(Longs(starts)), b.Ints(Longs(ends)), b.Ints(Longs(axes)), b.Ints(Longs(steps))]);
        GradientCheck.Run(b.Output(y).Build(), 3);
    }

    [Fact]
    public void Gradients_of_Slice_with_attributes_agree_with_differences()
    {
        var b = new GraphBuilder(9);
        string y = b.Node("Slice", [b.Input("x", 5, 6)], ("starts", new long[] { 1, -4 }), ("ends", new long[] { 4, -1 }), ("axes", new long[] { 0, 1 }));
        GradientCheck.Run(b.Output(y).Build(), 4);
    }

    [Theory]
    [InlineData(0, "5,2,5,0")]
    [InlineData(1, "3,-1")]
    [InlineData(2, "1")]
    [InlineData(1, "")]
    public void Gradients_of_Gather_agree_with_differences(int axis, string indices)
    {
        var b = new GraphBuilder();
        string at = indices.Length == 0 ? b.Initializer(TensorEditor.FromInts("i", [2], [])) : b.Ints(Longs(indices));
        string y = b.Node("Gather", [b.Input("x", 6, 4, 3), at], ("axis", axis));
        GradientCheck.Run(b.Output(y).Build(), 5);
    }

    [Theory]
    [InlineData(7, 6)]
    [InlineData(1 << 15, 64)]
    public void Embeddings_that_are_read_several_times_add_their_gradients(int vocabulary, int count)
    {
        // The second case is beyond the size that is summed by a one-hot product.
        var b = new GraphBuilder();
        string table = b.Input("table", vocabulary, 2);
        string ids = b.Input("ids", 2, count / 2);
        var model = b.Output(b.Node("Gather", [table, ids])).Build();
        model.Graph.Input[1].Type.TensorType.ElemType = 7;
        var random = new Random(6);
        long[] values = [.. Enumerable.Range(0, count).Select(i => i < 3 ? 1L : random.Next(vocabulary))];
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(values, [2, count / 2]);
        GradientCheck.Run(model, 6, fixedInputs: new Dictionary<string, OrtValue> { ["ids"] = value });
    }

    [Theory]
    [InlineData("constant", "0,1,2,0,3,1")]
    [InlineData("constant", "0,-1,2,0,1,-2")]
    [InlineData("reflect", "0,1,2,0,3,1")]
    [InlineData("edge", "1,1,2,0,3,1")]
    public void Gradients_of_Pad_agree_with_differences(string mode, string pads)
    {
        var b = new GraphBuilder();
        string y = b.Node("Pad", [b.Input("x", 2, 5, 4), b.Ints(Longs(pads))], ("mode", mode));
        GradientCheck.Run(b.Output(y).Build(), 7);
    }

    [Fact]
    public void Gradients_of_Pad_with_attributes_agree_with_differences()
    {
        var b = new GraphBuilder(9);
        string y = b.Node("Pad", [b.Input("x", 2, 5)], ("pads", new long[] { 1, 0, 2, 3 }));
        GradientCheck.Run(b.Output(y).Build(), 8);
    }

    [Theory]
    [InlineData("nearest", "asymmetric", "1,1,2,3")]
    [InlineData("nearest", "half_pixel", "1,1,1.5,0.6")]
    [InlineData("linear", "half_pixel", "1,1,2,2")]
    [InlineData("linear", "align_corners", "1,1,2.5,1.7")]
    [InlineData("linear", "asymmetric", "1,1,2,0.5")]
    [InlineData("cubic", "half_pixel", "1,1,2,2")]
    public void Gradients_of_Resize_agree_with_differences(string mode, string coordinates, string scales)
    {
        var b = new GraphBuilder();
        float[] factors = [.. scales.Split(',').Select(float.Parse)];
        string by = b.Initializer(TensorEditor.FromFloats("scales", factors, factors.Length));
        string y = b.Node("Resize", [b.Input("x", 2, 2, 4, 5), "", by], ("mode", mode), ("coordinate_transformation_mode", coordinates));
        GradientCheck.Run(b.Output(y).Build(), 9, only: ["x"]);
    }

    [Fact]
    public void Gradients_of_Expand_and_Tile_agree_with_differences()
    {
        var b = new GraphBuilder();
        string y = b.Node("Expand", [b.Input("x", 3, 1), b.Ints(2, 3, 4)]);
        string z = b.Node("Tile", [b.Node("Mul", [y, y]), b.Ints(1, 2, 3)]);
        GradientCheck.Run(b.Output(z).Build(), 10);
    }

    [Theory]
    [InlineData("DepthToSpace", "DCR", 8, 3)]
    [InlineData("DepthToSpace", "CRD", 8, 3)]
    [InlineData("SpaceToDepth", "", 2, 6)]
    public void Gradients_of_DepthToSpace_and_back_agree_with_differences(string op, string mode, int channels, int size)
    {
        var b = new GraphBuilder();
        string x = b.Input("x", 2, channels, size, size + 2);
        string y = mode.Length > 0 ? b.Node(op, [x], ("blocksize", 2), ("mode", mode)) : b.Node(op, [x], ("blocksize", 2));
        GradientCheck.Run(b.Output(y).Build(), 11);
    }

    private static long[] Longs(string text) => [.. text.Split(',').Select(long.Parse)];
}
