using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Gradients;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;
using EdgePrune.Training.Tests.Steps;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class BlockedLayoutTests
{
    [Theory]
    [InlineData(3, 16, 3, 1, 1, 1, 1)]
    [InlineData(16, 16, 3, 2, 1, 1, 1)]
    [InlineData(5, 32, 5, 1, 2, 3, 1)]
    [InlineData(16, 16, 3, 3, 2, 2, 1)]
    [InlineData(16, 48, 2, 1, 1, 0, 1)]
    [InlineData(32, 16, 1, 1, 1, 0, 1)]
    [InlineData(32, 16, 1, 2, 1, 0, 1)]
    [InlineData(32, 32, 3, 1, 1, 1, 32)]
    [InlineData(16, 16, 3, 2, 1, 1, 16)]
    [InlineData(16, 16, 5, 1, 2, 3, 16)]
    [InlineData(20, 40, 3, 1, 1, 1, 20)]
    public void Blocked_convolutions_and_their_gradients_are_the_plain_ones(int channels, int filters, int kernel, int stride, int dilation, int pad, int groups)
    {
        Assert.SkipUnless(BlockedLayout.ProbeBlock() > 0, "the runtime has no blocked layout on this processor");
        var b = new GraphBuilder(seed: 4);
        // A layer before it, so that the gradient of its input is needed too.
        string first = b.Node("Tanh", [b.Conv(b.Input("x", 1, 2, 11, 14), 2, channels)]);
        string conv = b.Node(
            "Conv",
            [first, b.Weights(filters, channels / groups, kernel, kernel), b.Weights(filters)],
            ("group", groups),
            ("strides", new long[] { stride, stride }),
            ("dilations", new long[] { dilation, dilation }),
            ("pads", new long[] { pad, pad, pad, pad }));
        string pooled = b.Node("Flatten", [b.Node("GlobalAveragePool", [b.Node("Tanh", [conv])])]);
        OnnxModel model = b.Output(b.Linear(pooled, filters, 4)).Build();
        var options = new TrainingOptions { BatchSize = 16, Optimizer = new Sgd { Momentum = 0 } };
        StepGraph graph = StepGraph.Make(model, options);
        int convolutions = graph.Forward.Proto.Graph.Node.Count(n => n.Domain == BlockedLayout.Domain && n.OpType == "Conv");
        Assert.True(filters == 40 ? convolutions == 0 : convolutions >= 2, $"{convolutions} blocked convolutions");
        using TrainingStep blocked = TrainingStep.Create(model, options);
        using TrainingStep plain = TrainingStep.Create(model, options with { BlockedKernels = false });
        using NamedValues batch = Batches.Random(plain.Inputs, 5, 4);
        Assert.Equal(plain.Run(batch, 10), blocked.Run(batch, 10), 1e-5);
        foreach ((float[] expected, float[] now) in plain.ReadParameters().Zip(blocked.ReadParameters(), (p, q) => (TensorReader.ToFloats(p), TensorReader.ToFloats(q))))
        {
            double largest = Math.Max(1, expected.Max(Math.Abs));
            Assert.All(expected.Zip(now), v => Assert.Equal(v.First, v.Second, 1e-5 * largest));
        }
    }
}
