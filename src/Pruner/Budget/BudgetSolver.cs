using EdgePrune.Pruner.Budget.Search;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Budget;

/// <summary>
/// Chooses how many units each group keeps, and which blocks stay, so that the costs keep within the limits and little importance is
/// lost. Within a group the least important go first, so the choice is one number a group. Alignment is part of the choice: where
/// the hardware works in blocks of sixteen, only a step that crosses a block saves anything. The answer comes with a bound on what
/// any other choice would lose.
/// </summary>
public sealed class BudgetSolver
{
    /// <summary>Share of each group that stays unless told otherwise.</summary>
    public const double Floor = 0.1;

    // Units of no importance are not lost for nothing: each counts as much of the mean score as no real choice turns on.
    private const double Least = 1e-6;

    private readonly BudgetSpace space;
    private readonly double trifle;
    private readonly int[][] order;
    private readonly double[][] lost;
    private readonly (int Least, int Most)[] kept;

    /// <param name="space">What can be chosen.</param>
    public BudgetSolver(BudgetSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        this.space = space;
        order = [.. space.Coupling.Groups.Select(g => g.Units.Select(u => u.Id).OrderBy(id => space.Scores[id]).ThenBy(id => id).ToArray())];
        trifle = Least * (space.Scores.Count > 0 ? space.Scores.Average() : 0);
        lost = [.. order.Select(ids => Running(ids, space.Scores))];
        GroupBounds bounds = space.Bounds ?? GroupBounds.Of(space.Coupling, [], space.Floor);
        kept = [.. bounds.Least.Zip(bounds.Most)];
    }

    /// <summary>What the parts are predicted to cost as they are.</summary>
    public LayerCost Full => Total(All, []);

    private int[] All => [.. order.Select(ids => ids.Length)];

    /// <summary>The choice for these limits; <see cref="BudgetChoice.Met"/> is false where they were not met, and the choice is then the cheapest found.</summary>
    public BudgetChoice Solve(IReadOnlyList<BudgetLimit> limits, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        // Of the moments that bound the memory a few matter; those that a choice violates all the same join, until none does.
        var moments = new HashSet<int>(HeaviestMoments(limits, All, []));
        while (true)
        {
            var builder = new ProblemBuilder(space, [.. lost.Select(l => l.Select((sum, units) => sum + (units * trifle)).ToArray())], kept, limits, [.. moments.Order()]);
            OptimizedChoice found = ChoiceOptimizer.Run(builder.Problem, cancel);
            (int[] staying, int[] blocks) = builder.Read(found.Labels);
            int[] violated = [.. HeaviestMoments(limits, staying, blocks).Where(m => !moments.Contains(m) && Overspent(limits, m, staying, blocks))];
            if (violated.Length > 0)
            {
                moments.UnionWith(violated);
                continue;
            }

            BudgetChoice choice = Choice(staying, blocks, found.Met) with { LostAtLeast = Math.Max(0, found.Bound - (trifle * space.Scores.Count)) };
            return found.Met ? choice : choice with { Least = [.. builder.Limits.Select((limit, c) => LeastOf(builder.Problem, limit, c, cancel)).GroupBy(l => l.Limit).Select(Heaviest)] };
        }
    }

    /// <summary>The least important units, of all groups together, until a share of all units is gone.</summary>
    /// <param name="ratio">Share to be removed, 0 to 1.</param>
    public BudgetChoice Share(double ratio)
    {
        int[] staying = [.. kept.Select(k => k.Most)];
        int wanted = (int)Math.Round(ratio * space.Coupling.Units.Count);
        var next = new PriorityQueue<int, double>();
        for (int g = 0; g < staying.Length; g++)
        {
            Offer(next, staying, g);
        }

        int removed = order.Select((ids, g) => ids.Length - staying[g]).Sum();
        for (; removed < wanted && next.TryDequeue(out int group, out _); removed++)
        {
            staying[group]--;
            Offer(next, staying, group);
        }

        return Choice(staying, [], removed >= wanted);
    }

    /// <summary>A choice that somebody else made, with what it costs and loses.</summary>
    /// <param name="removed">Ids of the units that go.</param>
    public BudgetChoice Of(IReadOnlyCollection<int> removed)
    {
        ArgumentNullException.ThrowIfNull(removed);
        int[] staying = All;
        foreach (int unit in removed)
        {
            staying[space.Coupling.Units[unit].Group]--;
        }

        return new BudgetChoice([.. removed.Order()], Total(staying, []), Full, removed.Sum(u => space.Scores[u]), Met: true);
    }

    private static LeastCost LeastOf(ChoiceProblem problem, BudgetLimit limit, int constraint, CancellationToken cancel)
    {
        (double bound, double found) = ChoiceOptimizer.Least(problem, constraint, cancel);
        return new LeastCost(limit, found * limit.Limit, bound * limit.Limit);
    }

    // A limit on memory stands for one constraint a moment: what the heaviest needs is needed.
    private static LeastCost Heaviest(IEnumerable<LeastCost> moments) => moments.MaxBy(m => m.Proven)!;

    private void Offer(PriorityQueue<int, double> next, int[] staying, int group)
    {
        if (staying[group] > kept[group].Least)
        {
            int gone = order[group].Length - staying[group];
            next.Enqueue(group, lost[group][gone + 1] - lost[group][gone]);
        }
    }

    private int[] HeaviestMoments(IReadOnlyList<BudgetLimit> limits, int[] staying, int[] blocks) =>
        limits.Any(l => l.Metric == CostMetric.Memory)
            ? [.. Enumerable.Range(0, space.Moments.Count).OrderByDescending(m => Alive(m, staying, blocks)).Take(4)]
            : [];

    private bool Overspent(IReadOnlyList<BudgetLimit> limits, int moment, int[] staying, int[] blocks) =>
        limits.Any(l => l.Metric == CostMetric.Memory && Alive(moment, staying, blocks) + Total(staying, blocks).Bytes > l.Limit * (1 + 1e-9));

    private double Alive(int moment, int[] staying, int[] blocks)
    {
        HashSet<int> gone = [.. blocks.SelectMany(b => space.Blocks[b].Values)];
        return space.Moments[moment].Where(v => !gone.Contains(v)).Sum(v => space.Values[v].At(staying).Bytes);
    }

    private BudgetChoice Choice(int[] staying, int[] blocks, bool met)
    {
        HashSet<int> gone = [.. blocks.SelectMany(b => space.Blocks[b].Groups)];
        // Units inside a block that goes are not named as well: they are no longer there to be cut.
        int[] removed = [.. order.SelectMany((ids, g) => gone.Contains(g) ? [] : ids.Take(ids.Length - staying[g])).Order()];
        double loss = blocks.Sum(b => space.Blocks[b].Lost)
            + order.Select((ids, g) => gone.Contains(g) ? 0 : lost[g][ids.Length - staying[g]]).Sum();
        return new BudgetChoice(removed, Total(staying, blocks), Full, loss, met) { Blocks = [.. blocks.Select(b => space.Blocks[b].Id)] };
    }

    private LayerCost Total(int[] staying, int[] blocks)
    {
        HashSet<int> gone = [.. blocks.SelectMany(b => space.Blocks[b].Terms)];
        LayerCost sum = space.Constant;
        for (int t = 0; t < space.Terms.Count; t++)
        {
            if (!gone.Contains(t))
            {
                sum += space.Terms[t].At(staying);
            }
        }

        return sum;
    }

    private static double[] Running(int[] ids, IReadOnlyList<double> scores)
    {
        double[] sums = new double[ids.Length + 1];
        for (int i = 0; i < ids.Length; i++)
        {
            sums[i + 1] = sums[i] + scores[ids[i]];
        }

        return sums;
    }
}
