using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Blocks that a cost sweep cuts, and what their widths are in the network.</summary>
public sealed class BlockResizerTests
{
    [Fact]
    public void A_convolution_between_others_has_two_widths_and_runs_at_every_pair()
    {
        var network = new GraphBuilder();
        string a = network.Conv(network.Input("x", 1, 3, 8, 8), 3, 8);
        OnnxModel model = network.Output(network.Conv(network.Relu(network.Conv(a, 8, 12)), 12, 4)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        var resizer = new BlockResizer(coupling);
        OnnxModel block = Block(model, 1, 2);

        // The order follows the block's tensors: the weights' outputs stand first.
        Assert.Equal([12, 8], resizer.FullWidths(block));
        for (int o = 1; o <= 12; o += 5)
        {
            for (int i = 1; i <= 8; i += 3)
            {
                IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(resizer.Resize(block, [o, i]));
                Assert.Equal(i, shapes[block.Graph.Input[0].Name].Dims[1]);
                Assert.Equal(o, shapes[block.Graph.Output[0].Name].Dims[1]);
            }
        }

        IReadOnlyList<LayerWidth> widths = resizer.WidthsOf(block);
        int[] kept = [.. coupling.Groups.Select(g => g.Units.Count - 2)];
        Assert.Equal([10, 6], widths.Select(w => w.At(kept)));
    }

    /// <summary>
    /// Heads that are split by one Reshape for queries, keys and values: by itself that node falls into the places within a head, not into heads.
    /// </summary>
    [Fact]
    public void With_all_units_kept_each_width_of_each_block_is_its_full_one()
    {
        var g = new GraphBuilder(13, seed: 4);
        string packed = g.Node("MatMul", [g.Input("x", 1, 5, 8), g.Weights(8, 24)]);
        string split = g.Node("Transpose", [g.Node("Reshape", [packed, g.Ints(0, -1, 3, 2, 4)])], ("perm", new long[] { 2, 0, 3, 1, 4 }));
        string Part(int i) => g.Node("Squeeze", [g.Node("Slice", [split, g.Ints(i), g.Ints(i + 1), g.Ints(0)]), g.Ints(0)]);
        (string q, string k, string v) = (Part(0), Part(1), Part(2));
        string scores = g.Node("Softmax", [g.Node("MatMul", [q, g.Node("Transpose", [k], ("perm", new long[] { 0, 1, 3, 2 }))])], ("axis", -1));
        string joined = g.Node("Reshape", [g.Node("Transpose", [g.Node("MatMul", [scores, v])], ("perm", new long[] { 0, 2, 1, 3 })), g.Ints(0, -1, 8)]);
        OnnxModel model = g.Output(g.Node("MatMul", [joined, g.Weights(8, 6)])).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        var resizer = new BlockResizer(coupling);
        int[] kept = [.. coupling.Groups.Select(group => group.Units.Count)];
        Assert.NotEmpty(kept);

        for (int i = 0; i < model.Graph.Node.Count; i++)
        {
            OnnxModel block = Block(model, i, 1);
            Assert.Equal(resizer.FullWidths(block), resizer.WidthsOf(block).Select(w => w.At(kept)));
        }
    }

    [Fact]
    public void What_is_frozen_in_the_network_keeps_its_width_in_the_block()
    {
        var network = new GraphBuilder();
        OnnxModel model = network.Output(network.Conv(network.Conv(network.Input("x", 1, 3, 8, 8), 3, 8), 8, 4)).Build();
        var resizer = new BlockResizer(CouplingAnalysis.Run(model));
        Assert.Equal([8], resizer.FullWidths(Block(model, 0, 1)));
        Assert.Equal([8], resizer.FullWidths(Block(model, 1, 1)));
    }

    [Fact]
    public void An_addition_has_one_width_and_a_concatenation_one_for_each_input()
    {
        var g = new GraphBuilder();
        string x = g.Input("x", 1, 3, 8, 8);
        string a = g.Conv(x, 3, 6);
        string sum = g.Node("Add", [a, g.Conv(x, 3, 6)]);
        string both = g.Node("Concat", [sum, g.Conv(x, 3, 10)], ("axis", 1));
        OnnxModel model = g.Output(g.Conv(both, 16, 4)).Build();
        var resizer = new BlockResizer(CouplingAnalysis.Run(model));
        Assert.Equal([6], resizer.FullWidths(Block(model, 2, 1)));
        Assert.Equal([6, 10], resizer.FullWidths(Block(model, 4, 1)));
    }

    // Some consecutive nodes as a model of their own, with the network's names and shapes.
    private static OnnxModel Block(OnnxModel model, int first, int count)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        NodeProto[] nodes = [.. model.Graph.Node.Skip(first).Take(count)];
        var graph = new GraphProto { Name = "block", Node = { nodes } };
        var constants = model.Graph.Initializer.ToDictionary(i => i.Name);
        string[] reads = [.. nodes.SelectMany(n => n.Input).Distinct()];
        graph.Initializer.AddRange(reads.Where(constants.ContainsKey).Select(r => constants[r]));
        graph.Input.AddRange(reads.Where(r => !constants.ContainsKey(r) && !nodes.Any(n => n.Output.Contains(r))).Select(r => Declare(r, shapes[r])));
        graph.Output.Add(Declare(nodes[^1].Output[0], shapes[nodes[^1].Output[0]]));
        return OnnxModel.FromProto(new ModelProto { IrVersion = 8, OpsetImport = { model.Proto.OpsetImport }, Graph = graph });
    }

    private static ValueInfoProto Declare(string name, ValueShape shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.Add(shape.Dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = dims } } };
    }
}
