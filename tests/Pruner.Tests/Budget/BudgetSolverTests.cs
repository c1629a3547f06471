using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

namespace Pruner.Tests.Budget;

/// <summary>The solver on costs that the test makes up, against exhaustive search.</summary>
public sealed class BudgetSolverTests
{
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(GraphShapes.Find("concat").Build());

    [Fact]
    public void The_choice_is_close_to_the_best_there_is_and_the_bound_is_below_it()
    {
        var ratios = new List<double>();
        var gaps = new List<double>();
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            double[] scores = [.. Coupling.Units.Select(_ => random.NextDouble())];
            CostTerm[] terms = [.. Enumerable.Range(0, 3).Select(_ => Staircase(random))];
            var solver = new BudgetSolver(new BudgetSpace(Coupling, scores, terms) { Floor = 0 });
            BudgetLimit[] limits = [.. Limits(random, solver, terms)];
            BudgetChoice choice = solver.Solve(limits, TestContext.Current.CancellationToken);
            double best = Exhaustive(scores, terms, limits);
            Assert.Equal(best < double.MaxValue, choice.Met);
            if (!choice.Met)
            {
                Assert.All(choice.Least, l => Assert.True(l.Proven <= Cheapest(terms, l.Limit.Metric) * (1 + 1e-9) && l.Found >= Cheapest(terms, l.Limit.Metric) * (1 - 1e-9)));
                continue;
            }

            Assert.All(limits, l => Assert.True(choice.Predicted.Of(l.Metric) <= l.Limit * (1 + 1e-8)));
            Assert.True(choice.LostImportance >= best - 1e-9, "cheaper than the best that exists: the solver miscounts");
            Assert.True(choice.LostAtLeast <= best + 1e-9, $"seed {seed}: the bound {choice.LostAtLeast} is above the best, {best}");
            Assert.Equal(choice.Removed.Sum(u => scores[u]), choice.LostImportance, 9);
            ratios.Add(best == 0 ? 1 : choice.LostImportance / best);
            gaps.Add(best == 0 ? 1 : choice.LostAtLeast / best);
        }

        ratios.Sort();
        gaps.Sort();
        Assert.True(ratios.Count > 100);
        Assert.True(ratios[ratios.Count / 2] <= 1.001, $"median {ratios[ratios.Count / 2]:F3} of the optimum");
        Assert.True(ratios[ratios.Count * 9 / 10] <= 1.1, $"nine in ten within {ratios[ratios.Count * 9 / 10]:F3}");
        Assert.True(gaps[gaps.Count / 2] >= 0.7, $"the bound is at the median {gaps[gaps.Count / 2]:F3} of the optimum");
        TestContext.Current.SendDiagnosticMessage($"loss median {ratios[ratios.Count / 2]:F4}, nine in ten {ratios[ratios.Count * 9 / 10]:F4}, worst {ratios[^1]:F3}; bound median {gaps[gaps.Count / 2]:F3}, one in ten {gaps[gaps.Count / 10]:F3}");
    }

    [Fact]
    public void Where_the_hardware_works_in_blocks_no_unit_is_lost_for_nothing()
    {
        // Ten units whose cost changes at multiples of four only: a budget for eight leaves eight, not seven.
        double[] scores = [.. Coupling.Units.Select((_, i) => 1.0 + (0.01 * i))];
        int large = Coupling.Groups.Single(g => g.Units.Count == 10).Id;
        var term = new CostTerm([new LayerWidth(0, [new WidthPart(large, 1)])], w => new LayerCost((w[0] + 3) / 4, 0));
        BudgetChoice choice = Solve(scores, [term], new BudgetLimit(CostMetric.Latency, 2));
        Assert.True(choice.Met);
        Assert.Equal(2, choice.Removed.Count);
        Assert.Equal(0, choice.Gap, 2);
    }

    [Fact]
    public void A_budget_below_what_is_possible_is_said_to_be_unmet_with_the_least_that_is()
    {
        double[] scores = [.. Coupling.Units.Select(_ => 1.0)];
        var term = new CostTerm([new LayerWidth(0, [new WidthPart(0, 1)])], w => new LayerCost(1 + w[0], 0));
        BudgetChoice choice = Solve(scores, [term], new BudgetLimit(CostMetric.Latency, 0.5));
        Assert.False(choice.Met);
        LeastCost least = Assert.Single(choice.Least);
        Assert.Equal(2, least.Found, 9);
        Assert.Equal(2, least.Proven, 9);
    }

    [Fact]
    public void A_budget_that_nothing_needs_to_go_for_takes_nothing()
    {
        double[] scores = [.. Coupling.Units.Select(_ => 1.0)];
        var term = new CostTerm([new LayerWidth(0, [new WidthPart(0, 1)])], w => new LayerCost(1 + w[0], 0));
        BudgetChoice choice = Solve(scores, [term], new BudgetLimit(CostMetric.Latency, 100));
        Assert.True(choice.Met);
        Assert.Empty(choice.Removed);
        Assert.Equal(0, choice.Gap);
    }

    [Fact]
    public void Units_of_no_importance_stay_where_the_budget_does_not_need_them()
    {
        CostTerm[] terms = [.. Coupling.Groups.Select(g => new CostTerm([new LayerWidth(0, [new WidthPart(g.Id, 1)])], w => new LayerCost(w[0], 0)))];
        double[] scores = [.. Coupling.Units.Select((_, i) => i % 2)];
        BudgetChoice choice = Solve(scores, terms, new BudgetLimit(CostMetric.Latency, Coupling.Units.Count - 3));
        Assert.Equal(3, choice.Removed.Count);
        Assert.Equal(0, choice.LostImportance);
    }

    [Fact]
    public void A_share_of_the_units_takes_the_least_important_of_all_and_leaves_the_floor()
    {
        double[] scores = [.. Coupling.Units.Select((_, i) => (double)i)];
        BudgetChoice choice = new BudgetSolver(new BudgetSpace(Coupling, scores, [])).Share(0.25);
        Assert.Equal([0, 1, 2, 3], choice.Removed);
        BudgetChoice most = new BudgetSolver(new BudgetSpace(Coupling, scores, [])).Share(0.99);
        Assert.False(most.Met);
        Assert.All(Coupling.Groups, g => Assert.Contains(g.Units, u => !most.Removed.Contains(u.Id)));
    }

    [Fact]
    public void Groups_keep_what_they_must_and_lose_what_they_must()
    {
        double[] scores = [.. Coupling.Units.Select(_ => 1.0)];
        int all = Coupling.Groups[1].Units.Count;
        CostTerm[] terms = [.. Coupling.Groups.Select(g => new CostTerm([new LayerWidth(0, [new WidthPart(g.Id, 1)])], w => new LayerCost(w[0], 0)))];
        var space = new BudgetSpace(Coupling, scores, terms)
        {
            Kept = new Dictionary<int, (int, int)> { [0] = (Coupling.Groups[0].Units.Count, Coupling.Groups[0].Units.Count), [1] = (1, all - 2) },
        };
        BudgetChoice free = new BudgetSolver(space).Solve([new BudgetLimit(CostMetric.Latency, 1000)], TestContext.Current.CancellationToken);
        Assert.Equal(2, free.Removed.Count);
        BudgetChoice tight = new BudgetSolver(space).Solve([new BudgetLimit(CostMetric.Latency, Coupling.Groups[0].Units.Count + 2)], TestContext.Current.CancellationToken);
        Assert.True(tight.Met);
        Assert.All(tight.Removed, u => Assert.Equal(1, Coupling.Units[u].Group));
    }

    [Fact]
    public void A_block_goes_where_it_costs_more_than_it_is_worth_and_its_units_with_it()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            double[] scores = [.. Coupling.Units.Select(_ => random.NextDouble())];
            CostTerm[] terms = [Staircase(random), Staircase(random), Staircase(random)];
            double own = Coupling.Groups[0].Units.Sum(u => scores[u.Id]);
            var block = new BlockChoice(7, own * random.NextDouble(), [0], [0, 1], [], []);
            var space = new BudgetSpace(Coupling, scores, terms) { Floor = 0, Blocks = [block] };
            var solver = new BudgetSolver(space);
            BudgetLimit[] limits = [new(CostMetric.Latency, solver.Full.Seconds * (0.2 + (0.7 * random.NextDouble())))];
            BudgetChoice choice = solver.Solve(limits, TestContext.Current.CancellationToken);
            double best = Math.Min(Exhaustive(scores, terms, limits), block.Lost + Exhaustive(scores, terms[2..], limits, without: 0));
            Assert.Equal(best < double.MaxValue, choice.Met);
            if (choice.Met)
            {
                Assert.InRange(choice.LostImportance, best - 1e-9, (best * 1.25) + 1e-9);
                Assert.True(choice.LostAtLeast <= best + 1e-9);
                Assert.True(choice.Blocks.Count == 0 || !choice.Removed.Any(u => Coupling.Units[u].Group == 0));
            }
        }
    }

    [Fact]
    public void Memory_is_the_heaviest_moment_with_the_parameters()
    {
        double[] scores = [.. Coupling.Units.Select(_ => 1.0)];
        CostTerm Bytes(int group, double each)
        {
            return new CostTerm([new LayerWidth(0, [new WidthPart(group, 1)])], w => new LayerCost(0, 0, Bytes: each * w[0]));
        }

        int a = Coupling.Groups[0].Units.Count;
        int b = Coupling.Groups[1].Units.Count;
        // The second moment is the heavier one at first; cutting the second group makes it the lighter one.
        var space = new BudgetSpace(Coupling, scores, [Bytes(0, 1)])
        {
            Floor = 0,
            Values = [Bytes(0, 10), Bytes(1, 20)],
            Moments = [[0], [1]],
        };
        double limit = a + Math.Max(10.0 * a, 20.0 * (b - 1));
        BudgetChoice choice = new BudgetSolver(space).Solve([new BudgetLimit(CostMetric.Memory, limit)], TestContext.Current.CancellationToken);
        Assert.True(choice.Met);
        int[] kept = [a, b];
        foreach (int unit in choice.Removed)
        {
            kept[Coupling.Units[unit].Group]--;
        }

        Assert.True(kept[0] + Math.Max(10 * kept[0], 20 * kept[1]) <= limit);
        Assert.True(kept[0] + Math.Max(10 * kept[0], 20 * (kept[1] + 1)) > limit || kept[1] == b);
    }

    private static BudgetChoice Solve(double[] scores, CostTerm[] terms, BudgetLimit limit) =>
        new BudgetSolver(new BudgetSpace(Coupling, scores, terms)).Solve([limit], TestContext.Current.CancellationToken);

    private static IEnumerable<BudgetLimit> Limits(Random random, BudgetSolver solver, CostTerm[] terms)
    {
        yield return new BudgetLimit(CostMetric.Latency, solver.Full.Seconds * (0.3 + (0.6 * random.NextDouble())));
        if (random.Next(2) == 0)
        {
            yield return new BudgetLimit(CostMetric.Energy, solver.Full.Joules * (0.3 + (0.6 * random.NextDouble())));
        }
    }

    private static CostTerm Staircase(Random random)
    {
        int step = random.Next(1, 5);
        double a = random.NextDouble();
        double b = random.NextDouble();
        double c = random.NextDouble();
        var widths = Coupling.Groups.Select(g => new LayerWidth(random.Next(3), [new WidthPart(g.Id, 1)])).ToArray();
        return new CostTerm(widths, w => new LayerCost(1 + (a * Up(w[0], step)) + (b * Up(w[0], step) * Up(w[1], step) / 10), 1 + (c * w[0] * w[1])));
    }

    private static int Up(int width, int step) => (width + step - 1) / step * step;

    private static double Cheapest(CostTerm[] terms, CostMetric metric) =>
        Pairs().Min(kept => terms.Sum(t => t.At(kept).Of(metric)));

    private static IEnumerable<int[]> Pairs() =>
        from a in Enumerable.Range(1, Coupling.Groups[0].Units.Count)
        from b in Enumerable.Range(1, Coupling.Groups[1].Units.Count)
        select new[] { a, b };

    private static double Exhaustive(double[] scores, CostTerm[] terms, BudgetLimit[] limits, int? without = null)
    {
        double[][] sorted = [.. Coupling.Groups.Select(g => g.Units.Select(u => scores[u.Id]).Order().ToArray())];
        return Pairs()
            .Where(kept => limits.All(l => terms.Sum(t => t.At(kept).Of(l.Metric)) <= l.Limit))
            .Select(kept => kept.Select((k, g) => g == without ? 0 : sorted[g].Take(sorted[g].Length - k).Sum()).Sum())
            .DefaultIfEmpty(double.MaxValue).Min();
    }
}
