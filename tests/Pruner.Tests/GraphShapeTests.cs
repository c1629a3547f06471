using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>The law, and the units found, on one small graph for each shape.</summary>
public sealed class GraphShapeTests
{
    public static TheoryData<string> Names { get; } = [.. GraphShapes.All.Select(s => new TheoryDataRow<string>(s.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_units_are_those_that_a_person_would_name(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        CouplingResult coupling = CouplingAnalysis.Run(shape.Build(), options: shape.Options);
        string found = string.Join("; ", coupling.Groups.Select(g => $"{g.Units.Count}: {string.Join(" ", g.Slices.Select(s => $"{s.Tensor}[{s.Axis}]"))}"));
        string frozen = string.Join("; ", coupling.Frozen.Select(f => $"{f.Tensor}[{f.Axis}] {f.Reason}"));
        Assert.True(shape.Units == coupling.Units.Count, $"{coupling.Units.Count} units: {found}. Frozen: {frozen}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Masked_equals_pruned(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        Law.Holds(shape.Build(), subsets: 100, shape.Options);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void With_inexact_units_the_cut_is_right_in_shape(string name) => Law.CutsInShape(GraphShapes.Find(name).Build());

    [Fact]
    public void An_operator_without_a_rule_freezes_what_it_touches_and_says_so()
    {
        var g = new GraphBuilder();
        string y = g.Conv(g.Input("x", 1, 3, 8, 8), 3, 8);
        string odd = g.Node("ReverseSequence", [y, g.Initializer(TensorEditor.FromInts("lengths", [2], 1))], ("batch_axis", 0), ("time_axis", 1));
        CouplingResult coupling = CouplingAnalysis.Run(g.Output(g.Conv(odd, 8, 4)).Build());
        Assert.Empty(coupling.Units);
        Assert.Contains(coupling.Frozen, f => f.Axis == 0 && f.Reason.Contains("ReverseSequence", StringComparison.Ordinal));
    }

    [Fact]
    public void Axes_of_graph_inputs_and_outputs_are_frozen_with_that_reason()
    {
        var g = new GraphBuilder();
        CouplingResult coupling = CouplingAnalysis.Run(g.Output(g.Conv(g.Conv(g.Input("picture", 1, 3, 8, 8), 3, 8), 8, 4)).Build());
        Assert.Contains(coupling.Frozen, f => f.Reason == "graph input 'picture'");
        Assert.Contains(coupling.Frozen, f => f.Reason.StartsWith("graph output", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_may_lose_its_last_unit()
    {
        OnnxModel model = GraphShapes.Find("chain of two convolutions").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        InputException refused = Assert.Throws<InputException>(() => ModelSurgeon.Apply(model, coupling, [.. coupling.Units.Select(u => u.Id)]));
        Assert.Contains("at least one must stay", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_original_is_left_as_it_was()
    {
        OnnxModel model = GraphShapes.Find("residual").Build();
        byte[] before = model.ToBytes();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        ModelSurgeon.Apply(model, coupling, RandomUnits.Choose(coupling, 1));
        Assert.Equal(before, model.ToBytes());
    }

    [Fact]
    public void A_wrong_cut_is_found()
    {
        // The check must be able to fail: here the pruned model lacks channel 0, the plan says channel 1.
        OnnxModel model = GraphShapes.Find("chain of two convolutions").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [0]);
        Assert.False(MaskedEquivalence.Check(model, pruned, PruningPlan.Of(model, coupling, [1])).Ok);
    }
}
