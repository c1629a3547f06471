using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Which kinds of units whole transformer blocks and recurrent layers have, and that they go as a person expects.</summary>
public sealed class TransformerTests
{
    [Fact]
    public void An_encoder_has_heads_and_neurons_and_its_embedding_width_only_where_inexact_units_are_allowed()
    {
        OnnxModel model = Encoder();
        Assert.Equal("Head:2 Neuron:7 Head:2 Neuron:7", Kinds(CouplingAnalysis.Run(model)));
        CouplingResult inexact = CouplingAnalysis.Run(model, options: AttentionParts.Inexact);
        Assert.Equal("Neuron:8 Head:2 Neuron:7 Head:2 Neuron:7", Kinds(inexact));
        Assert.Equal([false, true, true, true, true], inexact.Groups.Select(g => g.Inexact is null));
    }

    [Fact]
    public void The_embedding_width_is_cut_to_the_shape_asked_for_and_the_deviation_is_told()
    {
        OnnxModel model = Encoder();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: AttentionParts.Inexact);
        int[] removed = [.. coupling.Groups[0].Units.Take(3).Select(u => u.Id)];
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
        foreach (string scale in pruned.Graph.Node.Where(n => n.OpType == "LayerNormalization").Select(n => n.Input[1]))
        {
            Assert.Equal([5], pruned.Graph.Initializer.Single(i => i.Name == scale).Dims);
        }

        EquivalenceReport report = MaskedEquivalence.Check(model, pruned, PruningPlan.Of(model, coupling, removed));
        Assert.True(report.Ok);
        Assert.False(report.IsExact);
        // A mean over five values is not one over eight of which three are zero.
        Assert.True(report.MaxRelError > MaskedEquivalence.Tolerance, report.ToString());
    }

    [Fact]
    public void Heads_of_a_ViT_block_with_one_matrix_for_queries_keys_and_values_take_all_three_along()
    {
        var g = new GraphBuilder(17, seed: 5);
        string x = g.Input("x", 1, AttentionParts.Tokens, 12);
        string w = g.Weights("qkv", [12, 36]);
        string view = g.Shaped(g.Node("Add", [g.Node("MatMul", [g.LayerNorm(x, 12), w]), g.Weights(36)]), 1, AttentionParts.Tokens, 3, 3, 4);
        string[] qkv = [.. g.Nodes("Split", [g.Perm(view, 2, 0, 3, 1, 4), g.Ints(1, 1, 1)], 3, ("axis", 0)).Select(p => g.Node("Squeeze", [p, g.Ints(0)]))];
        string attended = g.Node("Add", [x, g.FromHeads(g.Mix(qkv[0], qkv[1], qkv[2]), 3, 4)]);
        OnnxModel model = g.Output(g.Node("Add", [attended, g.Mlp(g.LayerNorm(attended, 12), 12, 9)])).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        Assert.Equal("Head:3 Neuron:9", Kinds(coupling));
        UnitSlice columns = coupling.Groups[0].Units[1].Slices.Single(s => s.Tensor == "qkv");
        Assert.Equal([4, 5, 6, 7, 16, 17, 18, 19, 28, 29, 30, 31], columns.Indices);
        CheckLaw(model, coupling);
    }

    [Fact]
    public void Heads_that_share_keys_and_values_go_as_groups()
    {
        var g = new GraphBuilder(17, seed: 5);
        string x = g.X();
        string q = g.ToHeads(g.Dense(x, 12, 16), 4, 4);
        string Repeated()
        {
            string k = g.Node("Unsqueeze", [g.ToHeads(g.Dense(x, 12, 8), 2, 4), g.Ints(2)]);
            return g.Shaped(g.Node("Expand", [k, g.Ints(1, 2, 2, AttentionParts.Tokens, 4)]), 1, 4, AttentionParts.Tokens, 4);
        }

        OnnxModel model = g.Output(g.FromHeads(g.Mix(q, Repeated(), Repeated()), 4, 4)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        Assert.Equal("KeyValueGroup:2", Kinds(coupling));
        CheckLaw(model, coupling);
    }

    [Fact]
    public void Numbers_of_heads_are_rewritten()
    {
        GraphShape shape = GraphShapes.Find("Attention of opset 23 with shared keys");
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        Assert.Equal("KeyValueGroup:2", Kinds(coupling));
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [0]);
        var attention = pruned.Graph.Node.Single(n => n.OpType == "Attention");
        Assert.Equal(2, attention.GetInt("q_num_heads", 0));
        Assert.Equal(1, attention.GetInt("kv_num_heads", 0));
    }

    [Fact]
    public void Positions_inside_heads_leave_the_scale_of_scores_as_it_was()
    {
        GraphShape shape = GraphShapes.Find("Attention of opset 23, positions inside heads");
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        Assert.Equal("Neuron:4 Neuron:4", Kinds(coupling));
        UnitGroup scores = coupling.Groups.First(g => g.Slices.Count(s => s.Axis == 1) == 2);
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [scores.Units[0].Id]);
        var attention = pruned.Graph.Node.Single(n => n.OpType == "Attention");
        Assert.Equal(3, attention.GetInt("q_num_heads", 0));
        Assert.Equal(0.5f, attention.Find("scale")!.F);
    }

    [Fact]
    public void Hidden_units_of_an_LSTM_take_every_gate_along()
    {
        var g = new GraphBuilder(17, seed: 5);
        string y = g.Layer("LSTM", g.Input("x", 6, 1, 5), 5, 7);
        OnnxModel model = g.Output(g.Dense(g.Shaped(y, 6, 1, 7), 7, 3)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        Assert.Equal("Neuron:7", Kinds(coupling));
        string w = model.Graph.Node[0].Input[1];
        Assert.Equal([2, 9, 16, 23], coupling.Units[2].Slices.Single(s => s.Tensor == w && s.Axis == 1).Indices);
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [2, 5]);
        Assert.Equal(5, pruned.Graph.Node[0].GetInt("hidden_size", 0));
        CheckLaw(model, coupling);
    }

    private static OnnxModel Encoder()
    {
        var g = new GraphBuilder(17, seed: 5);
        string x = g.Dense(g.X(), 12, 8);
        x = g.EncoderLayer(g.EncoderLayer(x, 8, 2, 3, 7), 8, 2, 3, 7);
        return g.Output(g.Dense(g.LayerNorm(x, 8), 8, 5)).Build();
    }

    private static string Kinds(CouplingResult coupling) => string.Join(' ', coupling.Groups.Select(g => $"{g.Kind}:{g.Units.Count}"));

    private static void CheckLaw(OnnxModel model, CouplingResult coupling)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            EquivalenceReport report = MaskedEquivalence.Check(
                model, ModelSurgeon.Apply(model, coupling, removed), PruningPlan.Of(model, coupling, removed), randomInputs: 1, seed: seed);
            Assert.True(report.Ok, $"seed {seed}: {report}");
        }
    }
}
