using EdgePrune.Onnx;
using EdgePrune.Profiler.Layers;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Layers;

public sealed class ModelStatisticsTests
{
    // ResNet-20 and -56: parameters as published with Torch-Pruning (../shared/reference); MACs are those of the convolutions and
    // the last layer, computed by hand from the architecture (Torch-Pruning adds two for each element of a BatchNormalization).
    [Theory]
    [InlineData("cifar10/resnet20_cifar10.onnx", 40_551_040, 269_722)]
    [InlineData("cifar10/resnet56_cifar10.onnx", 125_485_696, 853_018)]
    public void Known_networks_have_their_known_figures(string file, long macs, long parameters)
    {
        ModelStatistics statistics = ModelStatistics.Of(OnnxModel.Load(SharedData.Require(file)));
        Assert.Equal(macs, statistics.Macs);
        Assert.Equal(parameters, statistics.Params);
    }

    [Fact]
    public void Weights_made_by_nodes_count_too()
    {
        // AlexNet (bvlc): 60,965,224 parameters; 724,406,816 MACs with its grouped convolutions.
        ModelStatistics statistics = ModelStatistics.Of(OnnxModel.Load(SharedData.Require("topologies/light_bvlc_alexnet.onnx")));
        Assert.Equal(60_965_224, statistics.Params);
        Assert.InRange(statistics.Macs, 650_000_000, 730_000_000);
    }

    [Fact]
    public void Activation_memory_counts_what_lives_at_the_same_time()
    {
        // in(40) → a(400) → b(400) → out(40), with a read again at the end.
        var graph = new TinyGraph().Input("in").Node("Relu", ["in"], "a").Node("Relu", ["a"], "b").Node("Add", ["a", "b"], "out").Output("out");
        long Bytes(string value) => value is "a" or "b" ? 400 : 40;
        Assert.Equal(40 + 400 + 400 + 40, ActivationMemory.Peak(graph.Graph, Bytes));
    }
}
