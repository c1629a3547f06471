using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Costs;

public sealed class CostBlockTests
{
    [Fact]
    public void Equal_layers_of_ResNet20_share_a_signature()
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require("cifar10/resnet20_cifar10.onnx"));
        var extractor = new BlockExtractor(model, new ValueTable(model.Graph, ShapeProbe.Run(model)));
        string Of(string name)
        {
            NodeProto[] nodes = [.. model.Graph.Node.Where(n => n.Name.StartsWith(name, StringComparison.Ordinal))];
            Assert.NotEmpty(nodes);
            return BlockSignature.Of(extractor.Extract(nodes), []);
        }

        Assert.Equal(Of("layer1.0.conv1"), Of("layer1.2.conv2"));
        Assert.NotEqual(Of("layer1.0.conv1"), Of("layer2.1.conv1"));
        Assert.NotEqual(Of("layer2.0.conv1"), Of("layer2.1.conv1"));
    }

    [Fact]
    public void Every_layer_can_be_extracted_and_run()
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require("cifar10/resnet20_cifar10.onnx"));
        var extractor = new BlockExtractor(model, new ValueTable(model.Graph, ShapeProbe.Run(model)));
        foreach (Layer layer in ExecutedGraph.Of(model, SessionSettings.Default).Layers.Where(l => l.SourceNodes.Count > 0))
        {
            OnnxModel block = extractor.Extract(layer.SourceNodes);
            Assert.NotEmpty(ShapeProbe.Run(LayoutAdapter.Wrap(block, layer.BlockedInputs)));
        }
    }

    [Fact]
    public void Where_a_reshape_goes_is_computed_in_its_block()
    {
        var b = new GraphBuilder(13, seed: 2);
        string x = b.Conv(b.Input("x", 1, 3, 1, 10), 3, 6);
        // As exporters write it: the batch and channels of what is reshaped, and -1 for the rest.
        string kept = b.Node("Slice", [b.Node("Shape", [x]), b.Ints(0), b.Ints(2), b.Ints(0)]);
        string flat = b.Node("Reshape", [x, b.Node("Concat", [kept, b.Ints(-1)], ("axis", 0))]);
        OnnxModel model = b.Output(b.Node("Softmax", [flat], ("axis", -1))).Build();
        var extractor = new BlockExtractor(model, new ValueTable(model.Graph, ShapeProbe.Run(model)));
        OnnxModel block = extractor.Extract([model.Graph.Node.Single(n => n.OpType == "Reshape")]);

        Assert.Equal(x, Assert.Single(block.Graph.Input).Name);
        Assert.Equal([1, 6, 10], ShapeProbe.Run(block)[flat].Dims);
        // With another width it goes where that width asks for.
        block.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 4;
        block.Graph.Output[0].Type.TensorType.Shape = null;
        Assert.Equal([1, 4, 10], ShapeProbe.Run(block)[flat].Dims);
    }

    [Fact]
    public void A_real_sweep_of_a_small_network_predicts_its_own_latency()
    {
        using var folder = new TempFolder();
        OnnxModel model = TinyGraph.Residual();
        var options = new SweepOptions { Device = Device.Load("host"), Budget = new Seconds(1), HeldOut = 2, Store = folder.File("costs.db") };
        CostTable table = CostSweep.Run(model, new ConvBlockResizer(), options, cancel: TestContext.Current.CancellationToken);
        Assert.Empty(table.Problems);
        Cost whole = table.PredictNetwork(_ => null);
        Assert.Equal(table.Network.Median, whole.Time.Value, 1e-9);
        Assert.Equal(3 * 16 * 16 * 64, whole.Macs, 1e-3);
        Assert.Equal(ProvenanceKind.Modelled, whole.Provenance.Kind);
        CostLayer convolution = table.Layers.First(l => l.Block.FullWidths.Count == 2);
        Assert.Equal(8 * 8 * 64, table.Predict(convolution.Block.Key, [8, 8]).Macs, 1e-3);
    }
}
