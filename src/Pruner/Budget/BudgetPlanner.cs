using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Budget;

/// <summary>What a choice of units is predicted to cost.</summary>
/// <param name="Choice">The units.</param>
/// <param name="Before">The network as it is, from the table.</param>
/// <param name="After">The network without the units, from the table.</param>
public sealed record BudgetPlan(BudgetChoice Choice, Cost Before, Cost After)
{
    /// <summary>Predicted share of the cost that remains.</summary>
    public double Share(CostMetric metric) =>
        metric == CostMetric.Energy ? After.Total.Value / Before.Total.Value : After.Time.Value / Before.Time.Value;
}

/// <summary>Puts units, scores and a measured cost table together and asks the solver.</summary>
public static class BudgetPlanner
{
    // Each round comes closer by the ratio that it missed by; four are enough for the small share that layers do not explain.
    private const int Rounds = 4;

    /// <summary>Chooses the units to remove.</summary>
    /// <param name="coupling">Units of the model.</param>
    /// <param name="scores">Importance by unit id.</param>
    /// <param name="costs">Costs of its layers on the device.</param>
    /// <param name="resizer">The resizer that the sweep used.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="bounds">How many units of each group must and may stay; the solver's floors where null.</param>
    public static BudgetPlan Choose(
        CouplingResult coupling, IReadOnlyList<double> scores, CostTable costs, BlockResizer resizer, BudgetRequest request, GroupBounds? bounds = null)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(resizer);
        ArgumentNullException.ThrowIfNull(request);
        Dictionary<CostLayer, IReadOnlyList<LayerWidth>> widths = costs.Layers.ToDictionary(l => l, l => resizer.WidthsOf(l.Block.Model));
        CostTerm[] terms = [.. costs.Layers.Select(l => new CostTerm(widths[l], at => Predict(costs, l, at)))];
        var solver = new BudgetSolver(coupling, scores, terms, default, bounds: bounds);
        Cost before = costs.PredictNetwork(_ => null);
        if (request.Metric is not { } metric)
        {
            BudgetChoice share = solver.Share(request.Share);
            return new BudgetPlan(share, before, After(coupling, costs, widths, share));
        }

        // The layers add up to the network but for layout changes and dispatch, which scale its time and not its energy.
        // The limit on the layers is tightened until the network's own prediction holds.
        double allowed = request.Share;
        BudgetPlan plan = Solve(allowed);
        for (int round = 0; round < Rounds && plan.Choice.Met && plan.Share(metric) > request.Share; round++)
        {
            allowed *= request.Share / plan.Share(metric) * 0.999;
            plan = Solve(allowed);
        }

        return plan;

        BudgetPlan Solve(double part)
        {
            double full = solver.Full.Of(metric);
            BudgetChoice choice = solver.Solve([new BudgetLimit(metric, part * full)]);
            return new BudgetPlan(choice, before, After(coupling, costs, widths, choice));
        }
    }

    private static LayerCost Predict(CostTable costs, CostLayer layer, IReadOnlyList<int> widths)
    {
        Cost cost = costs.Predict(layer.Block.Key, widths);
        return new LayerCost(cost.Time.Value, cost.Total.Value);
    }

    private static Cost After(
        CouplingResult coupling, CostTable costs, Dictionary<CostLayer, IReadOnlyList<LayerWidth>> widths, BudgetChoice choice)
    {
        int[] kept = [.. coupling.Groups.Select(g => g.Units.Count)];
        foreach (int unit in choice.Removed)
        {
            kept[coupling.Units[unit].Group]--;
        }

        return costs.PredictNetwork(layer => [.. widths[layer].Select(w => w.At(kept))]);
    }
}
