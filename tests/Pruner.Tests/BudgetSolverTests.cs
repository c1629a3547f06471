using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

namespace Pruner.Tests;

/// <summary>The solver on costs that the test makes up, against exhaustive search.</summary>
public sealed class BudgetSolverTests
{
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(GraphShapes.Find("concat").Build());

    [Fact]
    public void The_choice_meets_the_budget_and_is_close_to_the_best_there_is()
    {
        var ratios = new List<double>();
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            double[] scores = [.. Coupling.Units.Select(_ => random.NextDouble())];
            CostTerm[] terms = [.. Enumerable.Range(0, 3).Select(_ => Staircase(random))];
            var solver = new BudgetSolver(Coupling, scores, terms, default, floor: 0);
            BudgetLimit[] limits = [new(CostMetric.Latency, solver.Full.Seconds * (0.3 + (0.6 * random.NextDouble())))];
            BudgetChoice choice = solver.Solve(limits);
            double best = Exhaustive(scores, terms, limits[0].Limit);
            Assert.Equal(best < double.MaxValue, choice.Met);
            if (!choice.Met)
            {
                continue;
            }

            Assert.True(choice.Predicted.Seconds <= limits[0].Limit * (1 + 1e-9));
            Assert.True(choice.LostImportance >= best - 1e-9, "cheaper than the best that exists: the solver miscounts");
            Assert.Equal(choice.Removed.Sum(u => scores[u]), choice.LostImportance, 9);
            ratios.Add(best == 0 ? 1 : choice.LostImportance / best);
        }

        ratios.Sort();
        Assert.True(ratios.Count > 100);
        Assert.True(ratios[ratios.Count / 2] <= 1.05, $"median {ratios[ratios.Count / 2]:F3} of the optimum");
        Assert.True(ratios[ratios.Count * 9 / 10] <= 1.4, $"nine in ten within {ratios[ratios.Count * 9 / 10]:F3}");
    }

    [Fact]
    public void Where_the_hardware_works_in_blocks_no_unit_is_lost_for_nothing()
    {
        // Ten units whose cost changes at multiples of four only: a budget for eight leaves eight, not seven.
        double[] scores = [.. Coupling.Units.Select((_, i) => 1.0 + (0.01 * i))];
        int large = Coupling.Groups.Single(g => g.Units.Count == 10).Id;
        var term = new CostTerm([new LayerWidth(0, [new WidthPart(large, 1)])], w => new LayerCost((w[0] + 3) / 4, 0));
        BudgetChoice choice = new BudgetSolver(Coupling, scores, [term], default).Solve([new BudgetLimit(CostMetric.Latency, 2)]);
        Assert.True(choice.Met);
        Assert.Equal(2, choice.Removed.Count);
    }

    [Fact]
    public void A_budget_below_what_is_possible_is_said_to_be_unmet()
    {
        double[] scores = [.. Coupling.Units.Select(_ => 1.0)];
        var term = new CostTerm([new LayerWidth(0, [new WidthPart(0, 1)])], w => new LayerCost(1 + w[0], 0));
        BudgetChoice choice = new BudgetSolver(Coupling, scores, [term], default).Solve([new BudgetLimit(CostMetric.Latency, 0.5)]);
        Assert.False(choice.Met);
    }

    [Fact]
    public void A_share_of_the_units_takes_the_least_important_of_all_and_leaves_the_floor()
    {
        double[] scores = [.. Coupling.Units.Select((_, i) => (double)i)];
        BudgetChoice choice = new BudgetSolver(Coupling, scores, [], default).Share(0.25);
        Assert.Equal([0, 1, 2, 3], choice.Removed);
        BudgetChoice most = new BudgetSolver(Coupling, scores, [], default).Share(0.99);
        Assert.False(most.Met);
        Assert.All(Coupling.Groups, g => Assert.Contains(g.Units, u => !most.Removed.Contains(u.Id)));
    }

    private static CostTerm Staircase(Random random)
    {
        int step = random.Next(1, 5);
        double a = random.NextDouble();
        double b = random.NextDouble();
        var widths = Coupling.Groups.Select(g => new LayerWidth(random.Next(3), [new WidthPart(g.Id, 1)])).ToArray();
        return new CostTerm(widths, w => new LayerCost(1 + (a * Up(w[0], step)) + (b * Up(w[0], step) * Up(w[1], step) / 10), 0));
    }

    private static int Up(int width, int step) => (width + step - 1) / step * step;

    private static double Exhaustive(double[] scores, CostTerm[] terms, double limit)
    {
        double best = double.MaxValue;
        double[][] sorted = [.. Coupling.Groups.Select(g => g.Units.Select(u => scores[u.Id]).Order().ToArray())];
        for (int a = 1; a <= sorted[0].Length; a++)
        {
            for (int b = 1; b <= sorted[1].Length; b++)
            {
                if (terms.Sum(t => t.At([a, b]).Seconds) <= limit)
                {
                    best = Math.Min(best, sorted[0].Take(sorted[0].Length - a).Sum() + sorted[1].Take(sorted[1].Length - b).Sum());
                }
            }
        }

        return best;
    }
}
