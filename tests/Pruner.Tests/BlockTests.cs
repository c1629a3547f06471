using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Residual branches and layers that go as a whole.</summary>
public sealed class BlockTests
{
    public static TheoryData<string> Names => GraphShapeTests.Names;

    [Theory]
    [InlineData("residual", 1, 0)]
    [InlineData("residual blocks one after the other", 3, 0)]
    [InlineData("residual blocks with normalisation first", 2, 0)]
    [InlineData("residual inside residual", 3, 1)]
    [InlineData("projected shortcut", 2, 0)]
    [InlineData("layers that keep their shape", 0, 2)]
    [InlineData("context added to a picture of any size", 1, 2)]
    [InlineData("chain of two convolutions", 0, 0)]
    [InlineData("squeeze and excite", 0, 0)]
    [InlineData("matmul and add", 0, 0)]
    public void The_blocks_are_those_that_a_person_would_name(string name, int blocks, int layers)
    {
        IReadOnlyList<BlockUnit> found = BlockAnalysis.Run(GraphShapes.Find(name).Build());
        string all = string.Join("; ", found.Select(b => $"{b.Kind} {b.Where} without {b.Branch}"));
        Assert.True((blocks, layers) == (found.Count(b => b.Kind == UnitKind.Block), found.Count(b => b.Kind == UnitKind.Layer)), all);
    }

    [Fact]
    public void A_block_says_what_goes_with_it()
    {
        BlockUnit block = BlockAnalysis.Run(GraphShapes.Find("residual").Build()).Single();
        Assert.Equal(3, block.Nodes.Count);
        Assert.Equal(4, block.Parameters.Count);
        Assert.Equal((8 * 6 * 9) + 6 + (6 * 8 * 9) + 8, block.ParameterCount);
        Assert.Equal(UnitKind.Block, block.Kind);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Masked_equals_pruned_for_blocks_and_channels_together(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        IReadOnlyList<BlockUnit> blocks = BlockAnalysis.Run(model);
        if (blocks.Count == 0)
        {
            return;
        }

        Assert.True(Combine(model, coupling, blocks, seeds: 20) > 0);
    }

    [Fact]
    public void A_transformer_block_loses_its_attention_or_its_linear_layers()
    {
        OnnxModel model = Encoder().Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        IReadOnlyList<BlockUnit> blocks = BlockAnalysis.Run(model);
        Assert.Equal(2, blocks.Count(b => b.Kind == UnitKind.Block));
        Assert.True(Combine(model, coupling, blocks, seeds: 20) > 0);
    }

    [Fact]
    public void Blocks_and_channels_of_resnet20_go_in_any_combination()
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require("cifar10/resnet20_cifar10.onnx"));
        CouplingResult coupling = CouplingAnalysis.Run(model);
        IReadOnlyList<BlockUnit> blocks = BlockAnalysis.Run(model);
        // One in each of nine blocks; the shortcuts hold no weights.
        Assert.Equal(9, blocks.Count(b => b.Kind == UnitKind.Block));
        Assert.True(Combine(model, coupling, blocks, seeds: 10) > 0);
    }

    [Fact]
    public void The_order_of_blocks_and_channels_makes_no_difference()
    {
        OnnxModel model = GraphShapes.Find("residual blocks one after the other").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        BlockUnit block = BlockAnalysis.Run(model)[1];
        int[] removed = RandomUnits.Choose(coupling, 3);
        byte[] together = ModelSurgeon.Apply(model, coupling, removed, new SurgeryOptions { Blocks = [block] }).ToBytes();

        OnnxModel narrow = ModelSurgeon.Apply(model, coupling, removed);
        BlockUnit same = BlockAnalysis.Run(narrow).Single(b => b.Output == block.Output && b.Branch == block.Branch);
        Assert.Equal(together, ModelSurgeon.Apply(narrow, CouplingAnalysis.Run(narrow), [], new SurgeryOptions { Blocks = [same] }).ToBytes());

        OnnxModel shallow = ModelSurgeon.Apply(model, coupling, [], new SurgeryOptions { Blocks = [block] });
        CouplingResult rest = CouplingAnalysis.Run(shallow);
        var gone = removed.SelectMany(u => coupling.Units[u].Slices).SelectMany(s => s.Indices.Select(i => (s.Tensor, s.Axis, i))).ToHashSet();
        int[] left = [.. rest.Units.Where(u => u.Slices.All(s => s.Indices.All(i => gone.Contains((s.Tensor, s.Axis, i))))).Select(u => u.Id)];
        Assert.NotEmpty(left);
        Assert.Equal(together, ModelSurgeon.Apply(shallow, rest, left).ToBytes());
    }

    [Fact]
    public void The_nodes_and_weights_of_a_block_are_gone_and_the_outputs_keep_their_names()
    {
        var g = new GraphBuilder(seed: 4);
        string stem = g.Relu(g.Conv(g.Input("x", 1, 3, 8, 8), 3, 8));
        string sum = g.Node("Add", [stem, g.Conv(g.Relu(g.Conv(stem, 8, 6)), 6, 8)]);
        OnnxModel model = g.Output(sum).Build();
        BlockUnit block = BlockAnalysis.Run(model).Single();
        OnnxModel cut = ModelSurgeon.Apply(model, CouplingAnalysis.Run(model), [], new SurgeryOptions { Blocks = [block] });
        Assert.Equal(sum, cut.Graph.Output.Single().Name);
        Assert.Equal(["Conv", "Relu", "Identity"], cut.Graph.Node.Select(n => n.OpType));
        Assert.Equal(2, cut.Graph.Initializer.Count);
    }

    [Fact]
    public void A_sum_keeps_one_of_its_operands()
    {
        OnnxModel model = GraphShapes.Find("projected shortcut").Build();
        IReadOnlyList<BlockUnit> blocks = BlockAnalysis.Run(model);
        InputException refused = Assert.Throws<InputException>(
            () => ModelSurgeon.Apply(model, CouplingAnalysis.Run(model), [], new SurgeryOptions { Blocks = blocks }));
        Assert.Contains("at least one must stay", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_branch_that_only_a_shape_ties_to_the_input_is_not_what_is_kept()
    {
        // y = f(x) + table: without f nothing would depend on what is fed.
        var g = new GraphBuilder(seed: 4);
        string x = g.Input("x", 1, 3, 8, 8);
        string made = g.Node("ConstantOfShape", [g.Node("Shape", [g.Conv(x, 3, 6)])]);
        OnnxModel model = g.Output(g.Conv(g.Node("Add", [g.Conv(x, 3, 6), made]), 6, 4)).Build();
        Assert.DoesNotContain(BlockAnalysis.Run(model), b => b.Kind == UnitKind.Block);
    }

    [Fact]
    public void A_plan_with_blocks_read_back_cuts_the_same_bytes()
    {
        using var folder = new TempFolder();
        OnnxModel model = GraphShapes.Find("residual inside residual").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        IReadOnlyList<BlockUnit> blocks = BlockAnalysis.Run(model);
        SurgeryResult cut = ModelSurgeon.Cut(model, coupling, [0, 9], new SurgeryOptions { Blocks = [blocks[0]] });
        cut.Plan.Save(folder.File("plan.json"));
        PruningPlan read = PruningPlan.Load(folder.File("plan.json"));
        Assert.Equal(cut.Model.ToBytes(), ModelSurgeon.Apply(model, read).ToBytes());
        PruningPlan altered = read with { Blocks = [read.Blocks![0] with { Branch = "x" }] };
        Assert.Throws<InputException>(() => ModelSurgeon.Apply(model, altered));
    }

    // Random blocks with random units, constants dropped and folded; combinations that do not go together must be refused as such.
    private static int Combine(OnnxModel model, CouplingResult coupling, IReadOnlyList<BlockUnit> blocks, int seeds)
    {
        using var oracle = new MaskedOracle(model, coupling, blocks.Select(b => new RemovedBlock(b.Id, b.Kind, b.Output, b.Branch, b.Kept)));
        int done = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            BlockUnit[] chosen = [.. blocks.Where(_ => random.Next(3) == 0)];
            int[] units = RandomUnits.Choose(coupling, seed);
            foreach (int[] removed in new[] { units, [] })
            {
                var options = new SurgeryOptions { Blocks = chosen, Constants = (ConstantHandling)(seed % 2) };
                SurgeryResult cut;
                try
                {
                    cut = ModelSurgeon.Cut(model, coupling, removed, options);
                }
                catch (InputException refused)
                {
                    Assert.True(refused.Message.Contains("must stay", StringComparison.Ordinal) || refused.Message.Contains("is tied to", StringComparison.Ordinal), refused.Message);
                    continue;
                }

                EquivalenceReport report = oracle.Check(cut.Model, cut.Plan, seed: seed);
                Assert.True(report.Ok, $"seed {seed}, without {string.Join(",", removed)} and {string.Join(",", chosen.Select(b => b.Where))}: {report}");
                EquivalenceReport own = MaskedEquivalence.Check(model, cut.Model, cut.Plan, randomInputs: 1, seed: seed);
                Assert.True(own.Ok, $"seed {seed}: {own}");
                done += chosen.Length;
            }
        }

        return done;
    }

    private static GraphBuilder Encoder()
    {
        var g = new GraphBuilder(seed: 9);
        string x = g.Node("MatMul", [g.Input("x", 1, 5, 7), g.Weights(7, 8)]);
        string first = Normalised(g, x);
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => Heads(g, g.Node("Add", [g.Node("MatMul", [first, g.Weights(8, 8)]), g.Weights(8)])))];
        string scores = g.Node("Softmax", [g.Node("MatMul", [qkv[0], g.Node("Transpose", [qkv[1]], ("perm", new long[] { 0, 1, 3, 2 }))])], ("axis", -1));
        string mixed = g.Node("Transpose", [g.Node("MatMul", [scores, qkv[2]])], ("perm", new long[] { 0, 2, 1, 3 }));
        string attended = g.Node("Add", [g.Node("MatMul", [g.Node("Reshape", [mixed, g.Ints(1, 5, 8)]), g.Weights(8, 8)]), x]);
        string hidden = g.Relu(g.Node("Add", [g.Node("MatMul", [Normalised(g, attended), g.Weights(8, 12)]), g.Weights(12)]));
        string y = g.Node("Add", [attended, g.Node("MatMul", [hidden, g.Weights(12, 8)])]);
        return g.Output(g.Node("MatMul", [y, g.Weights(8, 3)]));
    }

    private static string Normalised(GraphBuilder g, string x) => g.Node("LayerNormalization", [x, g.Weights(8), g.Weights(8)], ("axis", -1));

    private static string Heads(GraphBuilder g, string x) =>
        g.Node("Transpose", [g.Node("Reshape", [x, g.Ints(1, 5, 2, 4)])], ("perm", new long[] { 0, 2, 1, 3 }));
}
