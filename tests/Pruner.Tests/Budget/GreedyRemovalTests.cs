using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Budget;

public sealed class GreedyRemovalTests
{
    public static TheoryData<RemovalOrder, int> Cases
    {
        get
        {
            var cases = new TheoryData<RemovalOrder, int>();
            foreach (RemovalOrder order in Enum.GetValues<RemovalOrder>().Where(o => o != RemovalOrder.Solver))
            {
                foreach (int seed in new[] { 1, 2, 3 })
                {
                    cases.Add(order, seed);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_step_is_the_best_of_all_steps_computed_anew_at_the_widths_of_that_moment(RemovalOrder order, int seed)
    {
        BudgetSpace space = Space(seed);
        int[] kept = [.. space.Coupling.Groups.Select(g => g.Units.Count)];
        int steps = 0;
        foreach (RemovalStep step in new GreedyRemoval(space, order).Steps())
        {
            (double price, int group, int units) = Everything(space, order, kept).Min();
            Assert.Equal((group, units), (step.Group, step.Units));
            Assert.Equal(price, order == RemovalOrder.EnergyFirst ? -EnergyOf(space, group, kept) : step.Price, 1e-6 * Math.Abs(price));
            kept[group] -= units;
            steps++;
        }

        Assert.True(steps > 3, $"{steps} steps");
        if (order == RemovalOrder.EnergyFirst)
        {
            Assert.All(kept, k => Assert.Equal(1, k)); // nothing is left to take
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_budget_is_met_by_the_first_widths_on_the_way_that_meet_it_and_never_loses_less_than_the_solver_proves(RemovalOrder order, int seed)
    {
        BudgetSpace space = Space(seed);
        var solver = new BudgetSolver(space);
        foreach (double share in new[] { 0.9, 0.7, 0.5 })
        {
            BudgetLimit[] limits = [new BudgetLimit(CostMetric.Energy, share * solver.Full.Joules), new BudgetLimit(CostMetric.Size, 0.95 * solver.Full.Bytes)];
            BudgetChoice choice = new GreedyRemoval(space, order).Solve(limits, TestContext.Current.CancellationToken);
            BudgetChoice best = solver.Solve(limits, TestContext.Current.CancellationToken);
            Assert.Equal(best.Met, choice.Met);
            Assert.True(choice.LostImportance >= best.LostAtLeast - 1e-9);
            int[] kept = [.. space.Coupling.Groups.Select(g => g.Units.Count - choice.Removed.Count(r => space.Coupling.Units[r].Group == g.Id))];
            Assert.Equal(Total(space, kept, c => c.Joules), choice.Predicted.Joules, 1e-9);
            Assert.True(Total(space, kept, c => c.Joules) <= limits[0].Limit * (1 + 1e-9) && Total(space, kept, c => c.Bytes) <= limits[1].Limit * (1 + 1e-9));
        }
    }

    [Fact]
    public void What_cannot_be_met_comes_with_the_least_that_can()
    {
        BudgetSpace space = Space(1);
        BudgetChoice choice = new GreedyRemoval(space, RemovalOrder.PerJoule).Solve([new BudgetLimit(CostMetric.Energy, 1e-9)], TestContext.Current.CancellationToken);
        Assert.False(choice.Met);
        Assert.True(Assert.Single(choice.Least).Found > 1e-9);
    }

    private static OnnxModel Chain()
    {
        var g = new GraphBuilder();
        string hidden = g.Relu(g.Linear(g.Input("x", 1, 4), 4, 6));
        hidden = g.Relu(g.Linear(hidden, 6, 8));
        return g.Output(g.Linear(g.Relu(g.Linear(hidden, 8, 5)), 5, 3)).Build();
    }

    [Fact]
    public void Whole_blocks_have_no_place_in_an_order_of_units()
    {
        BudgetSpace space = Space(1) with { Blocks = [new BlockChoice(0, 1, [], [], [], [])] };
        Assert.Contains("--order", Assert.Throws<InputException>(() => new GreedyRemoval(space, RemovalOrder.PerByte)).Message, StringComparison.Ordinal);
    }

    // Two widths and a staircase of two units, so that a step of one can save nothing.
    private static BudgetSpace Space(int seed)
    {
        CouplingResult coupling = CouplingAnalysis.Run(Chain());
        var random = new Random(seed);
        double[] scores = [.. coupling.Units.Select(_ => 0.1 + random.NextDouble())];
        var terms = new List<CostTerm>();
        for (int g = 0; g < coupling.Groups.Count; g++)
        {
            double each = 0.5 + random.NextDouble();
            LayerWidth[] widths = g == 0 ? [Width(0)] : [Width(g - 1), Width(g)];
            terms.Add(new CostTerm(widths, at =>
            {
                double work = at.Select((w, i) => i == 0 ? (w + 1) / 2 * 2 : (double)w).Aggregate(each, (p, w) => p * w);
                return new LayerCost(work * 1e-3, work + Math.Sqrt(at[0]), Bytes: 4 * at.Aggregate(1.0, (p, w) => p * w));
            }));
        }

        return new BudgetSpace(coupling, scores, terms) { Floor = 0 };
        LayerWidth Width(int group) => new(0, [new WidthPart(group, 1)]);
    }

    // Every step there is, priced by the whole network's cost before and after.
    private static IEnumerable<(double Price, int Group, int Units)> Everything(BudgetSpace space, RemovalOrder order, int[] kept)
    {
        for (int g = 0; g < kept.Length; g++)
        {
            int[] ids = [.. space.Coupling.Groups[g].Units.Select(u => u.Id).OrderBy(id => space.Scores[id])];
            for (int k = 1; k < kept[g]; k++)
            {
                double before = Total(space, kept, Of), lost = ids.Skip(ids.Length - kept[g]).Take(k).Sum(id => space.Scores[id]);
                kept[g] -= k;
                double saved = before - Total(space, kept, Of);
                kept[g] += k;
                if (order == RemovalOrder.EnergyFirst && k == 1)
                {
                    yield return (-EnergyOf(space, g, kept), g, 1);
                }
                else if (order != RemovalOrder.EnergyFirst && saved > 1e-12)
                {
                    yield return (lost / saved, g, k);
                }
            }
        }

        double Of(LayerCost c) => order switch
        {
            RemovalOrder.PerMillisecond => c.Seconds,
            RemovalOrder.PerByte => c.Bytes,
            _ => c.Joules,
        };
    }

    private static double EnergyOf(BudgetSpace space, int group, int[] kept) => space.Terms.Where(t => t.Groups.Contains(group)).Sum(t => t.At(kept).Joules);

    private static double Total(BudgetSpace space, int[] kept, Func<LayerCost, double> of) => space.Terms.Sum(t => of(t.At(kept)));
}
