using EdgePrune.Onnx;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Budget.Orders;

/// <summary>
/// Removes units step by step, each step by what costs are at the widths of that moment: both widths of a layer have moved with the steps
/// before. An alternative to <see cref="BudgetSolver"/> that proves nothing, and whose order can be read.
/// </summary>
public sealed class GreedyRemoval
{
    // Farther ahead is only looked where nothing nearer saves anything: hardware works in blocks of 64 at most.
    private const int Ahead = 64;

    // Of groups without any importance the one that saves most goes first, instead of all at once.
    private const double Trifle = 1e-9;

    private readonly BudgetSpace space;
    private readonly RemovalOrder order;
    private readonly CostMetric metric;
    private readonly double trifle;
    private readonly int[][] units;
    private readonly int[][] termsOf;
    private readonly int[][] neighbours;
    private readonly GroupBounds bounds;

    /// <param name="space">What can be chosen; its blocks are left alone.</param>
    /// <param name="order">Any but <see cref="RemovalOrder.Solver"/>.</param>
    /// <exception cref="InputException">Blocks or layers were asked for, which no order of units knows.</exception>
    public GreedyRemoval(BudgetSpace space, RemovalOrder order)
    {
        ArgumentNullException.ThrowIfNull(space);
        if (space.Blocks.Count > 0)
        {
            throw new InputException("an order of removal (--order) is one of units, and whole blocks and layers were asked for as well; leave block and layer out of --kinds, or the order out");
        }

        this.space = space;
        this.order = order;
        metric = order switch
        {
            RemovalOrder.PerJoule or RemovalOrder.EnergyFirst => CostMetric.Energy,
            RemovalOrder.PerMillisecond => CostMetric.Latency,
            RemovalOrder.PerByte => CostMetric.Size,
            _ => throw new ArgumentOutOfRangeException(nameof(order), order, "is no order of removal"),
        };
        trifle = space.Scores.Count > 0 ? Math.Max(space.Scores.Average() * Trifle, double.Epsilon) : 0;
        units = [.. space.Coupling.Groups.Select(g => g.Units.Select(u => u.Id).OrderBy(id => space.Scores[id]).ThenBy(id => id).ToArray())];
        termsOf = [.. space.Coupling.Groups.Select(g => Enumerable.Range(0, space.Terms.Count).Where(t => space.Terms[t].Groups.Contains(g.Id)).ToArray())];
        neighbours = [.. termsOf.Select(terms => terms.SelectMany(t => space.Terms[t].Groups).Distinct().ToArray())];
        bounds = space.Bounds ?? GroupBounds.Of(space.Coupling, [], space.Floor);
    }

    /// <summary>The first widths on the way at which all limits are met; where none are, the last, with <see cref="BudgetChoice.Met"/> false.</summary>
    public BudgetChoice Solve(IReadOnlyList<BudgetLimit> limits, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        int[] kept = [.. bounds.Most];
        LayerCost[] costs = [.. space.Terms.Select(t => t.At(kept))];
        bool met = IsMet(limits, costs, kept);
        if (!met)
        {
            foreach (RemovalStep step in Steps(kept))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (int t in termsOf[step.Group])
                {
                    costs[t] = space.Terms[t].At(kept);
                }

                met = IsMet(limits, costs, kept);
                if (met)
                {
                    break;
                }
            }
        }

        BudgetChoice choice = Choice(kept, costs, met);
        return met ? choice : choice with { Least = Least(limits, costs, kept, cancel) };
    }

    /// <summary>All steps from the widest widths that are allowed to the narrowest.</summary>
    public IEnumerable<RemovalStep> Steps() => Steps([.. bounds.Most]);

    // The widths are those after the step when it is handed out.
    private IEnumerable<RemovalStep> Steps(int[] kept)
    {
        RemovalStep?[] offers = [.. Enumerable.Range(0, units.Length).Select(g => Offer(g, kept))];
        while (Best(offers, kept) is { } step)
        {
            kept[step.Group] -= step.Units;
            foreach (int group in neighbours[step.Group].Append(step.Group))
            {
                offers[group] = Offer(group, kept);
            }

            yield return step;
        }
    }

    private RemovalStep? Best(RemovalStep?[] offers, int[] kept)
    {
        RemovalStep? best = null;
        double least = double.PositiveInfinity;
        foreach (RemovalStep offer in offers.OfType<RemovalStep>())
        {
            double price = order == RemovalOrder.EnergyFirst ? -CostOf(offer.Group, kept) : offer.Price;
            if (best is null || price < least)
            {
                (best, least) = (offer, price);
            }
        }

        return best;
    }

    // What a group has to offer: of all steps that save something the one at the least price, of equal ones the smallest.
    private RemovalStep? Offer(int group, int[] kept)
    {
        int most = kept[group] - bounds.Least[group];
        if (most <= 0)
        {
            return null;
        }

        if (order == RemovalOrder.EnergyFirst)
        {
            return Step(group, 1, kept);
        }

        RemovalStep? best = null;
        double before = CostOf(group, kept);
        int gone = units[group].Length - kept[group];
        double lost = 0;
        for (int count = 1; count <= most && (count <= Ahead || best is null); count++)
        {
            lost += space.Scores[units[group][gone + count - 1]] + trifle;
            kept[group] -= count;
            var step = new RemovalStep(group, count, lost, before - CostOf(group, kept));
            kept[group] += count;
            best = step.Saved > 0 && (best is null || step.Price < best.Value.Price) ? step : best;
        }

        return best;
    }

    private RemovalStep Step(int group, int count, int[] kept)
    {
        double before = CostOf(group, kept);
        int gone = units[group].Length - kept[group];
        kept[group] -= count;
        double after = CostOf(group, kept);
        kept[group] += count;
        return new RemovalStep(group, count, units[group].Skip(gone).Take(count).Sum(u => space.Scores[u] + trifle), before - after);
    }

    private double CostOf(int group, int[] kept)
    {
        double sum = 0;
        foreach (int t in termsOf[group])
        {
            sum += space.Terms[t].At(kept).Of(metric);
        }

        return sum;
    }

    private bool IsMet(IReadOnlyList<BudgetLimit> limits, LayerCost[] costs, int[] kept) => limits.All(l => Cost(l.Metric, costs, kept) <= l.Limit * (1 + 1e-12));

    private double Cost(CostMetric of, LayerCost[] costs, int[] kept)
    {
        LayerCost total = costs.Aggregate(space.Constant, (sum, c) => sum + c);
        return of != CostMetric.Memory ? total.Of(of)
            : total.Bytes + space.Moments.Select(m => m.Sum(v => space.Values[v].At(kept).Bytes)).DefaultIfEmpty().Max();
    }

    // What is impossible the solver proves.
    private LeastCost[] Least(IReadOnlyList<BudgetLimit> limits, LayerCost[] costs, int[] kept, CancellationToken cancel)
    {
        BudgetChoice solved = new BudgetSolver(space).Solve(limits, cancel);
        return solved.Met ? [.. limits.Select(l => new LeastCost(l, Cost(l.Metric, costs, kept), 0))] : [.. solved.Least];
    }

    private BudgetChoice Choice(int[] kept, LayerCost[] costs, bool met)
    {
        int[] removed = [.. units.SelectMany((ids, g) => ids.Take(ids.Length - kept[g])).Order()];
        LayerCost before = space.Terms.Aggregate(space.Constant, (sum, t) => sum + t.At([.. units.Select(ids => ids.Length)]));
        return new BudgetChoice(removed, costs.Aggregate(space.Constant, (sum, c) => sum + c), before, removed.Sum(u => space.Scores[u]), met);
    }
}
