using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.TestSupport;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Tests.Layers;

public sealed class ExecutedGraphTests
{
    public static TheoryData<string, GraphOptimizationLevel> Models()
    {
        var data = new TheoryData<string, GraphOptimizationLevel>();
        foreach (string model in (string[])
            ["cifar10/resnet20_cifar10.onnx", "cifar10/resnet8_cifar10.onnx", "kws/kws_dscnn.onnx", "mlperf/vww_mobilenetv1_025_96.onnx",
                "mlperf/ad01_autoencoder.onnx", "fashion/fashion_cnn.onnx", "detect/version-RFB-320.onnx", "topologies/light_shufflenet.onnx",
                "topologies/light_densenet121.onnx", "transformer/CCT_2_32_32_128_Opset20.network.onnx"])
        {
            foreach (GraphOptimizationLevel level in Enum.GetValues<GraphOptimizationLevel>())
            {
                data.Add(model, level);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_source_node_is_in_one_layer_or_folded(string file, GraphOptimizationLevel level)
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require(file));
        ExecutedGraph graph = ExecutedGraph.Of(model, new SessionSettings { Optimization = level });
        NodeProto[] found = [.. graph.Layers.SelectMany(l => l.SourceNodes), .. graph.Folded.Select(f => f.Node)];
        Assert.Equal(model.Graph.Node.Count, found.Length);
        Assert.True(new HashSet<NodeProto>(model.Graph.Node, ReferenceEqualityComparer.Instance).SetEquals(found));
        // What computes must be in a layer: only constants and nodes without effect may be folded.
        Assert.DoesNotContain(graph.Folded, f => f.Node.OpType is "Conv" or "Gemm" or "MatMul" && f.Reason != "constant");
    }

    [Theory]
    [InlineData(GraphOptimizationLevel.ORT_DISABLE_ALL)]
    [InlineData(GraphOptimizationLevel.ORT_ENABLE_ALL)]
    public void Each_convolution_of_ResNet20_is_a_layer_of_its_own(GraphOptimizationLevel level)
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require("cifar10/resnet20_cifar10.onnx"));
        ExecutedGraph graph = ExecutedGraph.Of(model, new SessionSettings { Optimization = level });
        Layer[] convolutions = [.. graph.Layers.Where(l => l.SourceNodes.Any(n => n.OpType == "Conv"))];
        Assert.Equal(19, convolutions.Length);
        Assert.All(convolutions, l => Assert.Single(l.SourceNodes, n => n.OpType == "Conv"));
        Assert.All(convolutions, l => Assert.Equal(l.SourceNodes[^1].Output[0], l.Output));
    }

    [Theory]
    [InlineData("cifar10/resnet20_cifar10.onnx")]
    [InlineData("kws/kws_dscnn.onnx")]
    public void Work_and_parameters_of_the_layers_add_up_to_the_model(string file)
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require(file));
        ModelStatistics statistics = ModelStatistics.Of(model);
        ExecutedGraph graph = ExecutedGraph.Of(model, SessionSettings.Default)
            .Counted(statistics, new Dictionary<string, ValueShape>());
        Assert.Equal(statistics.Macs, graph.Layers.Sum(l => l.Macs));
        Assert.Equal(statistics.Params, graph.Layers.Sum(l => l.Params));
    }
}
