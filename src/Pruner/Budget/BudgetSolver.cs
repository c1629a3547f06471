using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Budget;

/// <summary>An upper limit on what the network may cost, in the metric's unit (J, s).</summary>
public sealed record BudgetLimit(CostMetric Metric, double Limit);

/// <summary>A choice of units.</summary>
/// <param name="Removed">Ids of the units that go.</param>
/// <param name="Predicted">What the layers are predicted to cost then.</param>
/// <param name="Before">What they are predicted to cost as they are.</param>
/// <param name="LostImportance">Sum of the scores of the removed units.</param>
/// <param name="Met">True where every limit is met.</param>
public sealed record BudgetChoice(IReadOnlyList<int> Removed, LayerCost Predicted, LayerCost Before, double LostImportance, bool Met);

/// <summary>
/// Chooses how many units each group keeps so that the layers' costs, read from the measured table, stay within the limits and
/// little importance is lost. Within a group the least important go first, so the choice is one number a group. Steps of every
/// length compete by importance lost per cost saved: where the hardware works in blocks of sixteen, only a step that crosses a
/// block saves anything, so alignment is part of the choice. At the end units that cost nothing come back.
/// </summary>
public sealed class BudgetSolver
{
    /// <summary>Share of each group that stays unless told otherwise.</summary>
    public const double Floor = 0.1;

    private const int LongestStep = 64;

    private readonly CouplingResult coupling;
    private readonly IReadOnlyList<CostTerm> terms;
    private readonly LayerCost constant;
    private readonly int[][] order;
    private readonly double[][] lost;
    private readonly List<CostTerm>[] termsOf;
    private readonly int[] floors;
    private readonly int[] ceilings;

    /// <param name="coupling">The units.</param>
    /// <param name="scores">Importance by unit id.</param>
    /// <param name="terms">Costs of the layers.</param>
    /// <param name="constant">What the network costs beside them.</param>
    /// <param name="floor">Share of each group that always stays, at least one unit.</param>
    /// <param name="bounds">How many units of each group must and may stay; those that the floor gives where null.</param>
    public BudgetSolver(
        CouplingResult coupling,
        IReadOnlyList<double> scores,
        IReadOnlyList<CostTerm> terms,
        LayerCost constant,
        double floor = Floor,
        GroupBounds? bounds = null)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(terms);
        this.coupling = coupling;
        this.terms = terms;
        this.constant = constant;
        order = [.. coupling.Groups.Select(g => g.Units.Select(u => u.Id).OrderBy(id => scores[id]).ThenBy(id => id).ToArray())];
        lost = [.. order.Select(ids => Running(ids, scores))];
        bounds ??= GroupBounds.Of(coupling, [], floor);
        floors = [.. bounds.Least];
        ceilings = [.. bounds.Most];
        termsOf = [.. coupling.Groups.Select(g => terms.Where(t => t.Widths.Any(w => w.Parts.Any(p => p.Group == g.Id))).ToList())];
    }

    /// <summary>What the layers are predicted to cost as they are.</summary>
    public LayerCost Full => Total([.. coupling.Groups.Select(g => g.Units.Count)]);

    /// <summary>The choice for these limits; <see cref="BudgetChoice.Met"/> is false where they cannot be met, and the choice is then the cheapest found.</summary>
    public BudgetChoice Solve(IReadOnlyList<BudgetLimit> limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        int[] kept = [.. ceilings];
        LayerCost before = Full;
        LayerCost now = Total(kept);
        while (Excess(now, limits) > 0 && BestStep(kept, now, limits) is var (group, step) && step > 0)
        {
            kept[group] -= step;
            now = Total(kept);
        }

        bool met = Excess(now, limits) <= 0;
        if (met)
        {
            GiveBack(kept, limits);
            now = Total(kept);
        }

        return Choice(kept, now, before, met);
    }

    /// <summary>The least important units, of all groups together, until a share of all units is gone.</summary>
    /// <param name="ratio">Share to be removed, 0 to 1.</param>
    public BudgetChoice Share(double ratio)
    {
        int[] kept = [.. ceilings];
        LayerCost before = Full;
        int wanted = (int)Math.Round(ratio * coupling.Units.Count);
        var next = new PriorityQueue<int, double>();
        for (int g = 0; g < kept.Length; g++)
        {
            Offer(next, kept, g);
        }

        int removed = coupling.Units.Count - kept.Sum();
        for (; removed < wanted && next.TryDequeue(out int group, out _); removed++)
        {
            kept[group]--;
            Offer(next, kept, group);
        }

        return Choice(kept, Total(kept), before, removed >= wanted);
    }

    private void Offer(PriorityQueue<int, double> next, int[] kept, int group)
    {
        if (kept[group] > floors[group])
        {
            int gone = order[group].Length - kept[group];
            next.Enqueue(group, lost[group][gone + 1] - lost[group][gone]);
        }
    }

    private (int Group, int Step) BestStep(int[] kept, LayerCost now, IReadOnlyList<BudgetLimit> limits)
    {
        (int Group, int Step) best = (-1, 0);
        double bestRatio = double.MaxValue;
        double excess = Excess(now, limits);
        for (int group = 0; group < kept.Length; group++)
        {
            int full = kept[group];
            int longest = Math.Min(LongestStep, full - floors[group]);
            LayerCost with = Affected(kept, group);
            for (int step = 1; step <= longest; step++)
            {
                kept[group] = full - step;
                // What is saved beyond the limit is worth nothing.
                double saved = Math.Min(excess, excess - Excess(now - with + Affected(kept, group), limits));
                if (saved > 1e-12)
                {
                    double ratio = (Lost(group, full - step) - Lost(group, full) + 1e-12) / saved;
                    if (ratio < bestRatio)
                    {
                        bestRatio = ratio;
                        best = (group, step);
                    }
                }
            }

            kept[group] = full;
        }

        return best;
    }

    // The greedy steps overshoot. The most important of the removed units that fit come back, over and over until none does.
    private void GiveBack(int[] kept, IReadOnlyList<BudgetLimit> limits)
    {
        bool any;
        do
        {
            any = false;
            foreach (int group in Enumerable.Range(0, kept.Length).OrderByDescending(g => Lost(g, kept[g]) - Lost(g, Math.Min(kept[g] + 1, order[g].Length))))
            {
                int start = kept[group];
                for (int more = Math.Min(LongestStep, ceilings[group] - start); more > 0; more--)
                {
                    kept[group] = start + more;
                    if (Excess(Total(kept), limits) <= 0)
                    {
                        any = true;
                        break;
                    }

                    kept[group] = start;
                }
            }
        }
        while (any);
    }

    private BudgetChoice Choice(int[] kept, LayerCost now, LayerCost before, bool met)
    {
        int[] removed = [.. order.SelectMany((ids, g) => ids.Take(ids.Length - kept[g])).Order()];
        return new BudgetChoice(removed, now, before, kept.Select((k, g) => Lost(g, k)).Sum(), met);
    }

    private double Lost(int group, int kept) => lost[group][order[group].Length - kept];

    private LayerCost Affected(int[] kept, int group)
    {
        LayerCost sum = default;
        foreach (CostTerm term in termsOf[group])
        {
            sum += term.At(kept);
        }

        return sum;
    }

    private LayerCost Total(int[] kept)
    {
        LayerCost sum = constant;
        foreach (CostTerm term in terms)
        {
            sum += term.At(kept);
        }

        return sum;
    }

    // How far beyond its limits the network is, each metric in shares of its limit.
    private static double Excess(LayerCost cost, IReadOnlyList<BudgetLimit> limits)
    {
        double excess = 0;
        foreach (BudgetLimit limit in limits)
        {
            excess += Math.Max(0, (cost.Of(limit.Metric) / limit.Limit) - 1);
        }

        return excess;
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
