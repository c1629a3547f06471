using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Search;

namespace EdgePrune.Pruner.Recipes.Sections;

/// <summary><c>budget</c>: limits on costs, or a share of the units; the order of removal; the accuracy to keep.</summary>
internal sealed class BudgetSection : IRecipeSection
{
    public string Key => "budget";

    public PruneRecipe Read(YamlMap map, PruneRecipe recipe)
    {
        BudgetTarget[] targets = [.. Enum.GetValues<CostMetric>().Select(m => map.Parsed(Words.Of(m), text => BudgetTargetText.Parse(m, text))).OfType<BudgetTarget>()];
        double? ratio = map.OptionalNumber("ratio", 0, 1);
        if (ratio is not null && targets.Length > 0)
        {
            map.Add("ratio", "is a share of the units to remove; give limits on costs or a ratio, not both");
        }

        if (ratio is >= 1)
        {
            map.Add("ratio", "must be below 1; 0.4 removes 40 %");
            ratio = null;
        }

        return recipe with
        {
            Order = map.Parsed<RemovalOrder?>("order", text => Words.Parse<RemovalOrder>(text)) ?? recipe.Order,
            Floor = map.Parsed("accuracy_floor", AccuracyFloor.Parse),
            HeldOut = map.OptionalText("held_out"),
            Budget = targets.Length > 0 ? BudgetRequest.AtMost(targets) : ratio is { } share ? BudgetRequest.Remove(share) : recipe.Budget,
        };
    }

    public void Write(RecipeWriter writer, PruneRecipe recipe)
    {
        foreach (BudgetTarget target in (recipe.Budget?.Targets ?? []).OrderBy(t => t.Metric))
        {
            writer.Text(Words.Of(target.Metric), BudgetTargetText.Of(target));
        }

        if (recipe.Budget is { Targets.Count: 0 } units)
        {
            writer.Number("ratio", units.Ratio, double.NaN);
        }

        writer.Word<RemovalOrder>("order", recipe.Order == RemovalOrder.Solver ? null : recipe.Order);
        writer.Text("accuracy_floor", recipe.Floor?.ToText());
        writer.Text("held_out", recipe.HeldOut);
    }
}
