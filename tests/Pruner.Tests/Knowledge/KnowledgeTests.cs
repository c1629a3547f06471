using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Knowledge;

public sealed class KnowledgeTests
{
    [Fact]
    public void Sensitivities_multiply_the_scores_of_the_units_that_a_layer_makes_and_of_no_other()
    {
        CouplingResult coupling = CouplingAnalysis.Run(Chain(6, 8));
        double[] scores = [.. coupling.Units.Select(u => 1.0 + u.Id)];
        double[] known = Priors.Parse("priors: 1\nsensitivity: {first: 3, 'fir*': 2}\n", "p.yaml").Apply(coupling, scores);
        Assert.All(coupling.Units, u => Assert.Equal(scores[u.Id] * (coupling.Groups[u.Group].Units.Count == 6 ? 6 : 1), known[u.Id]));
    }

    [Fact]
    public void Priors_that_name_no_layer_or_make_no_sense_are_refused_with_their_line()
    {
        CouplingResult coupling = CouplingAnalysis.Run(Chain(6, 8));
        double[] scores = new double[coupling.Units.Count];
        Assert.Contains("'lost'", Assert.Throws<InputException>(() => Priors.Parse("priors: 1\nsensitivity: {lost: 3}\n", "p.yaml").Apply(coupling, scores)).Message, StringComparison.Ordinal);
        string[] lines = Assert.Throws<InputException>(() => Priors.Parse("priors: 1\nsensitivity:\n  a: -3\nkeep: [b]\nprotects: [c]\n", "p.yaml")).Message.Split('\n');
        Assert.Collection(
            lines,
            l => Assert.StartsWith("p.yaml:3: sensitivity.a must be a number", l, StringComparison.Ordinal),
            l => Assert.StartsWith("p.yaml:4: keep", l, StringComparison.Ordinal),
            l => Assert.StartsWith("p.yaml:5: protects is not a known key", l, StringComparison.Ordinal));
    }

    [Fact]
    public void Sensitivities_of_a_run_are_kept_and_read_again()
    {
        using var folder = new TempFolder();
        CouplingResult coupling = CouplingAnalysis.Run(Chain(6, 8));
        double[] scores = [.. coupling.Units.Select(u => coupling.Groups[u.Group].Units.Count == 6 ? 4.0 : 1.0)];
        Priors.Of(coupling, scores).Save(folder.File("p.yaml"));
        double[] known = Priors.Load(folder.File("p.yaml")).Apply(coupling, [.. scores.Select(_ => 1.0)]);
        double mean = scores.Average();
        Assert.All(coupling.Units, u => Assert.Equal(scores[u.Id] / mean, known[u.Id], 9));
    }

    [Fact]
    public void A_plan_as_prior_makes_layers_that_kept_more_more_sensitive()
    {
        using var folder = new TempFolder();
        OnnxModel model = Chain(6, 8);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        UnitGroup six = coupling.Groups.Single(g => g.Units.Count == 6);
        PruningPlan.Of(model, coupling, six.Units.Take(3).Select(u => u.Id)).Save(folder.File("plan.json"));
        double[] known = Priors.Load(folder.File("plan.json")).Apply(coupling, [.. coupling.Units.Select(_ => 1.0)]);
        Assert.All(coupling.Units, u => Assert.Equal((u.Group == six.Id ? 0.5 : 1.0) / 0.75, known[u.Id], 9));
    }

    [Fact]
    public void A_plan_is_carried_over_by_name_then_by_order_and_what_has_no_match_stays_whole()
    {
        OnnxModel small = Chain(6, 8);
        CouplingResult from = CouplingAnalysis.Run(small);
        int[] removed = [.. from.Groups.SelectMany(g => g.Units.Take(g.Units.Count / 2)).Select(u => u.Id)];
        PruningPlan plan = PruningPlan.Of(small, from, removed);

        // The first layer is called the same; the second only stands at the same place; the third is new.
        OnnxModel large = Chain(10, 12, 4, "other");
        CouplingResult to = CouplingAnalysis.Run(large);
        PlanTransfer transfer = PlanTransfer.Of(plan, to);
        Assert.Equal((1, 1), (transfer.ByName, transfer.ByOrder));
        Assert.Equal("third", Assert.Single(transfer.Unmatched));
        Assert.Empty(transfer.Unused);
        GroupBounds bounds = transfer.In(GroupBounds.Of(to, []), to);
        Assert.Equal([(1, 5), (1, 6), (4, 4)], to.Groups.OrderByDescending(g => g.Units.Count == 10).ThenByDescending(g => g.Units.Count).Select(g => (bounds.Least[g.Id], bounds.Most[g.Id])));

        PruneResult result = Pruning.Run(
            large,
            new PruneOptions { Budget = BudgetRequest.Remove(0), Device = Device.Load("host"), Knowledge = new KnowledgeOptions { Transfer = plan }, CostStore = DigitsCosts.Copy(), SweepBudget = new Seconds(0.2), CompareBudget = new Seconds(0.1) },
            cancel: TestContext.Current.CancellationToken);
        Assert.True(result.Equivalence.Ok);
        Assert.Equal(5 + 6, result.Plan.Units.Count);
        Assert.Equal(transfer.Shares, result.Transfer!.Shares);
    }

    [Fact]
    public void A_plan_without_the_number_of_units_is_refused()
    {
        OnnxModel model = Chain(6, 8);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        PruningPlan old = PruningPlan.Of(model, coupling, [0]) with { Groups = null };
        Assert.Contains("older version", Assert.Throws<InputException>(() => PlanTransfer.Of(old, coupling)).Message, StringComparison.Ordinal);
    }

    private static OnnxModel Chain(int first, int second, int third = 0, string name = "second")
    {
        var g = new GraphBuilder();
        string value = g.Node("MatMul", [g.Input("x", 1, 4), g.Weights("first", [4, first])]);
        value = g.Node("MatMul", [g.Relu(value), g.Weights(name, [first, second])]);
        value = third == 0 ? value : g.Node("MatMul", [g.Relu(value), g.Weights("third", [second, third])]);
        return g.Output(g.Node("MatMul", [g.Relu(value), g.Weights("last", [third == 0 ? second : third, 3])])).Build();
    }
}
