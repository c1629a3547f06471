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
    [InlineData(3, 16, 3, 1, 1, 1)]
    [InlineData(16, 16, 3, 2, 1, 1)]
    [InlineData(5, 32, 5, 1, 2, 3)]
    [InlineData(16, 16, 3, 3, 2, 2)]
    [InlineData(16, 48, 2, 1, 1, 0)]
    public void Blocked_weight_gradients_are_the_plain_ones(int channels, int filters, int kernel, int stride, int dilation, int pad)
    {
        Assert.SkipUnless(BlockedLayout.ProbeBlock() > 0, "the runtime has no blocked layout on this processor");
        var b = new GraphBuilder(seed: 4);
        string conv = b.Node(
            "Conv",
            [b.Input("x", 1, channels, 11, 14), b.Weights(filters, channels, kernel, kernel)],
            ("strides", new long[] { stride, stride }),
            ("dilations", new long[] { dilation, dilation }),
            ("pads", new long[] { pad, pad, pad, pad }));
        string pooled = b.Node("Flatten", [b.Node("GlobalAveragePool", [b.Node("Tanh", [conv])])]);
        OnnxModel model = b.Output(b.Linear(pooled, filters, 4)).Build();
        var options = new TrainingOptions { BatchSize = 16, Optimizer = new Sgd { Momentum = 0 } };
        StepGraph graph = StepGraph.Make(model, options);
        Assert.Contains(graph.Forward.Proto.Graph.Node, n => n.Domain == BlockedLayout.Domain && n.OpType == "Conv");
        using TrainingStep blocked = TrainingStep.Create(model, options);
        using TrainingStep plain = TrainingStep.Create(model, options with { BlockedKernels = false });
        using NamedValues batch = Batches.Random(plain.Inputs, 5, 4);
        Assert.Equal(plain.Run(batch, 10), blocked.Run(batch, 10), 1e-5);
        foreach ((float[] expected, float[] now) in plain.ReadParameters().Zip(blocked.ReadParameters(), (p, q) => (TensorReader.ToFloats(p), TensorReader.ToFloats(q))))
        {
            Assert.All(expected.Zip(now), v => Assert.Equal(v.First, v.Second, 1e-5));
        }
    }
}
