using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Importance;

public sealed class GroupBoundsTests
{
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Chain());

    [Fact]
    public void A_floor_and_a_ceiling_bind_the_layer_that_makes_the_units()
    {
        GroupBounds bounds = GroupBounds.Of(Coupling, [new LayerRule("Conv_5*", 0.5, 0.75)]);
        Assert.Equal([1, 5], bounds.Least);
        Assert.Equal([8, 7], bounds.Most);
    }

    [Fact]
    public void A_protected_layer_keeps_what_it_makes_and_what_it_reads()
    {
        GroupBounds bounds = GroupBounds.Of(Coupling, [LayerRule.Protect("Conv_9*")], floor: 0.1);
        Assert.Equal([1, 10], bounds.Least);
    }

    [Fact]
    public void The_solver_keeps_to_bounds_for_every_budget()
    {
        GroupBounds bounds = GroupBounds.Of(Coupling, [new LayerRule("Conv_5*", 0.4, 0.8)]);
        double[] scores = [.. Coupling.Units.Select(u => (double)u.Id)];
        var term = new CostTerm(
            [new LayerWidth(0, [new WidthPart(0, 1)]), new LayerWidth(0, [new WidthPart(1, 1)])], w => new LayerCost(w[0] + (w[1] * w[0]), 0));
        var solver = new BudgetSolver(new BudgetSpace(Coupling, scores, [term]) { Floor = 0, Bounds = bounds });
        foreach (double share in new[] { 1, 0.9, 0.7, 0.5, 0.3, 0.1 })
        {
            BudgetChoice choice = solver.Solve([new BudgetLimit(CostMetric.Latency, share * solver.Full.Seconds)], TestContext.Current.CancellationToken);
            Assert.InRange(10 - choice.Removed.Count(u => Coupling.Units[u].Group == 1), 4, 8);
        }

        Assert.InRange(10 - solver.Share(0.8).Removed.Count(u => Coupling.Units[u].Group == 1), 4, 8);
    }

    [Fact]
    public void A_pattern_that_matches_nothing_is_refused_with_names_that_there_are()
    {
        InputException refused = Assert.Throws<InputException>(() => GroupBounds.Of(Coupling, [LayerRule.Protect("conv9")]));
        Assert.Contains("'conv9'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("w", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_protected_is_refused() =>
        Assert.Contains("protect every unit", Assert.Throws<InputException>(() => GroupBounds.Of(Coupling, [LayerRule.Protect("*")])).Message, StringComparison.Ordinal);

    [Fact]
    public void Rules_that_contradict_each_other_are_refused() =>
        Assert.Contains(
            "contradict",
            Assert.Throws<InputException>(() => GroupBounds.Of(Coupling, [LayerRule.Protect("Conv_5"), new LayerRule("Conv_5", 0, 0.5)])).Message,
            StringComparison.Ordinal);

    // Three convolutions; the first two make units, 8 and 10.
    private static OnnxModel Chain()
    {
        var g = new GraphBuilder(seed: 3);
        return g.Output(g.Conv(g.Relu(g.Conv(g.Conv(g.Input("x", 1, 3, 8, 8), 3, 8, 1), 8, 10, 1)), 10, 4, 1)).Build();
    }
}
