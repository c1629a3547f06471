using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace Pruner.Tests;

public sealed class MaskedOracleTests
{
    public static TheoryData<string> Names => GraphShapeTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void One_session_confirms_many_plans(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        using var oracle = new MaskedOracle(model, coupling);
        for (int seed = 100; seed < 120; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            var plan = PruningPlan.Of(model, coupling, removed);
            OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
            EquivalenceReport report = oracle.Check(pruned, plan, seed: seed);
            Assert.True(report.Ok, $"seed {seed}, without {string.Join(",", removed)}: {report}");
        }
    }

    [Fact]
    public void It_finds_the_deviation_that_a_masked_model_of_its_own_finds()
    {
        // The pruned model lacks other units than the plan says, so that both must see the same large difference.
        OnnxModel model = GraphShapes.Find("residual").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        using var oracle = new MaskedOracle(model, coupling);
        for (int seed = 0; seed < 5; seed++)
        {
            OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [0, 9]);
            var plan = PruningPlan.Of(model, coupling, [1, 10]);
            EquivalenceReport expected = MaskedEquivalence.Check(model, pruned, plan, randomInputs: 1, seed: seed);
            EquivalenceReport found = oracle.Check(pruned, plan, seed: seed);
            Assert.False(found.Ok);
            Assert.Equal(expected.MaxRelError, found.MaxRelError, 4);
        }
    }

    [Fact]
    public void A_plan_for_places_that_it_does_not_mask_is_refused()
    {
        OnnxModel model = GraphShapes.Find("residual").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        using var oracle = new MaskedOracle(model, coupling);
        var plan = PruningPlan.Of(model, coupling, [0]);
        UnitSlice moved = plan.Units[0].Slices.First(s => s.Role == SliceRole.Output) with { Axis = 3 };
        PruningPlan altered = plan with { Units = [plan.Units[0] with { Slices = [moved] }] };
        Assert.Throws<InputException>(() => oracle.Check(ModelSurgeon.Apply(model, coupling, [0]), altered));
    }
}
