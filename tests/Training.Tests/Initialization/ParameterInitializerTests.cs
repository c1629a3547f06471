using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Initialization;
using EdgePrune.Training.Tests.Loop;

namespace EdgePrune.Training.Tests.Initialization;

public sealed class ParameterInitializerTests
{
    private static float[] Values(OnnxModel model, string name) => TensorReader.ToFloats(model.Graph.Initializer.Single(i => i.Name == name));

    private static double Deviation(float[] values) => Math.Sqrt(values.Average(v => (double)v * v));

    [Fact]
    public void Weights_are_drawn_by_what_they_are()
    {
        var b = new GraphBuilder();
        string x = b.Node("Conv", [b.Input("x", 1, 16, 6, 6), b.Weights("conv", [64, 16, 3, 3]), b.Weights("conv.bias", [64])]);
        x = b.Node("BatchNormalization", [x, b.Weights("scale", [64]), b.Weights("shift", [64]), b.Weights("mean", [64]), b.Positive(64)]);
        x = b.Relu(x);
        x = b.Node("Conv", [x, b.Weights("depthwise", [64, 1, 3, 3])], ("group", 64));
        x = b.Node("LeakyRelu", [x]);
        x = b.Node("Flatten", [x]);
        x = b.Node("MatMul", [x, b.Node("Transpose", [b.Weights("matrix", [100, 256])], ("perm", new long[] { 1, 0 }))]);
        x = b.Node("Tanh", [b.Node("Add", [x, b.Weights("matrix.bias", [100])])]);
        OnnxModel model = ParameterInitializer.Draw(b.Output(b.Node("Gemm", [x, b.Weights("last", [100, 10]), b.Weights("last.bias", [10])])).Build(), 4);

        Assert.Equal(Math.Sqrt(2.0 / (16 * 9)), Deviation(Values(model, "conv")), 0.003);
        Assert.Equal(Math.Sqrt(2.0 / 9), Deviation(Values(model, "depthwise")), 0.03);
        Assert.Equal(Math.Sqrt(6.0 / 356), Values(model, "matrix").Max(), 0.001);
        Assert.Equal(Math.Sqrt(6.0 / 110), Values(model, "last").Max(), 0.005);
        foreach (string bias in new[] { "conv.bias", "shift", "mean", "matrix.bias", "last.bias" })
        {
            Assert.All(Values(model, bias), v => Assert.Equal(0, v));
        }

        Assert.All(Values(model, "scale"), v => Assert.Equal(1, v));
        Assert.All(TensorReader.ToFloats(model.Graph.Initializer[^5]), v => Assert.True(float.IsFinite(v)));
    }

    [Fact]
    public void Equal_seeds_give_equal_bytes_whatever_the_file_held()
    {
        byte[] Drawn(string file, int seed) => ParameterInitializer.Draw(OnnxModel.Load(Digits.Sample(file)), seed).ToBytes();

        Assert.Equal(Drawn("digits.onnx", 1), Drawn("digits.onnx", 1));
        Assert.NotEqual(Drawn("digits.onnx", 1), Drawn("digits.onnx", 2));
        OnnxModel before = OnnxModel.Load(Digits.Sample("digits.onnx")), masked = before.Clone();
        foreach (TensorProto weights in masked.Graph.Initializer.Where(i => i.Name == "fc.weight"))
        {
            weights.RawData = Google.Protobuf.ByteString.CopyFrom(new byte[weights.RawData.Length]);
        }

        Assert.Equal(ParameterInitializer.Draw(before, 1).ToBytes(), ParameterInitializer.Draw(masked, 1).ToBytes());
    }

    [Fact]
    public void Weights_that_a_graph_makes_by_their_shape_become_initializers()
    {
        OnnxModel graph = OnnxModel.Load(Digits.Sample("graph.onnx"));
        Assert.Contains(graph.Graph.Node, n => n.OpType == "ConstantOfShape");

        OnnxModel drawn = ParameterInitializer.Draw(graph, 0);

        Assert.DoesNotContain(drawn.Graph.Node, n => n.OpType == "ConstantOfShape");
        Assert.DoesNotContain(drawn.Graph.Initializer, i => i.Name.StartsWith("shape_", StringComparison.Ordinal));
        Assert.Equal(Math.Sqrt(2.0 / (112 * 9)), Deviation(Values(drawn, "head.conv.weight")), 0.001);
        Assert.All(Values(drawn, "head.bn.running_var"), v => Assert.Equal(1, v));
    }
}
