using EdgePrune.Onnx;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

public sealed class PrunableShareTests
{
    [Theory]
    [InlineData("chain of two convolutions")]
    [InlineData("normalisation between")]
    [InlineData("depthwise")]
    [InlineData("depthwise with multiplier two")]
    [InlineData("grouped")]
    [InlineData("concat")]
    [InlineData("flatten into linear")]
    [InlineData("matmul and add")]
    [InlineData("attention heads of a fused qkv (Torch-Pruning#393)")]
    public void What_goes_with_a_group_is_what_surgery_takes_away_for_each_of_its_units(string name)
    {
        OnnxModel model = GraphShapes.Find(name).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        var before = ModelStatistics.Of(model);
        var share = PrunableShare.Of(coupling, before);

        // No layer of these carries one group on two of its axes, so that each unit takes the same.
        Assert.All(coupling.Groups, group =>
        {
            var after = ModelStatistics.Of(ModelSurgeon.Apply(model, coupling, [group.Units[0].Id]));
            Assert.Equal((before.Params - after.Params) * group.Units.Count, share.Groups[group.Id].Params);
            Assert.Equal((before.Macs - after.Macs) * group.Units.Count, share.Groups[group.Id].Macs);
        });
    }

    [Fact]
    public void Layers_between_frozen_axes_do_not_count()
    {
        // Two layers that share the channels between them, then one between an output and a softmax over its input.
        var g = new GraphBuilder();
        string y = g.Conv(g.Conv(g.Input("x", 1, 3, 8, 8), 3, 8), 8, 4);
        OnnxModel model = g.Output(g.Conv(g.Node("Softmax", [y], ("axis", 1)), 4, 2)).Build();
        var statistics = ModelStatistics.Of(model);

        var share = PrunableShare.Of(CouplingAnalysis.Run(model), statistics);

        Assert.Equal(64 * 9 * ((3 * 8) + (8 * 4)), share.PrunableMacs);
        Assert.Equal(statistics.Macs, share.Macs);
        Assert.Equal([true, true, false], statistics.Nodes.Where(n => n.Macs > 0).Select(n => share.Reaches(n.Node)));
        // The weights of both and the bias of the first; no unit takes the bias of the second.
        Assert.Equal((9 * ((3 * 8) + (8 * 4))) + 8, share.PrunableParams);
        Assert.Equal((double)share.PrunableMacs / statistics.Macs, share.MacsShare);
        Assert.Equal(new UnitCost(share.PrunableParams, share.PrunableMacs), Assert.Single(share.Kinds).Value);
    }

    [Fact]
    public void A_model_without_work_has_no_share()
    {
        var g = new GraphBuilder();
        OnnxModel model = g.Output(g.Relu(g.Input("x", 1, 3))).Build();

        var share = PrunableShare.Of(CouplingAnalysis.Run(model), ModelStatistics.Of(model));

        Assert.Equal((0, 0, 0), (share.ParamsShare, share.MacsShare, share.Groups.Count));
    }

    [Fact]
    public void Reasons_that_differ_in_names_only_are_one()
    {
        FrozenReason[] reasons =
        [
            .. FrozenReason.Of([
                new FrozenAxis("a", 0, "graph output 'y'"),
                new FrozenAxis("b", 1, "Softmax 'one': every index counts"),
                new FrozenAxis("c", 0, "Softmax 'two': every index counts"),
            ]),
        ];

        Assert.Equal(
            [new FrozenReason("Softmax '…': every index counts", 2, new TensorAxis("b", 1), "Softmax 'one': every index counts"), new FrozenReason("graph output 'y'", 1, new TensorAxis("a", 0), "graph output 'y'")],
            reasons);
    }
}
