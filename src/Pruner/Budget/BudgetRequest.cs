using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Budget;

/// <summary>What the user asked for: a share of the cost of the original that may remain, or a share of units to remove.</summary>
public sealed record BudgetRequest
{
    private BudgetRequest(CostMetric? metric, double share)
    {
        Metric = metric;
        Share = share;
    }

    /// <summary>What is limited; null where a share of the units is removed instead.</summary>
    public CostMetric? Metric { get; }

    /// <summary>Share of the original's cost that may remain, or share of the units that goes.</summary>
    public double Share { get; }

    /// <summary>At most this share of the original's cost, above 0 and up to 1.</summary>
    public static BudgetRequest AtMost(CostMetric metric, double share) =>
        share is > 0 and <= 1
            ? new BudgetRequest(metric, share)
            : throw new InputException($"a budget of {share:P0} makes no sense: above 0 % and up to 100 %");

    /// <summary>This share of all units goes, from 0 up to below 1.</summary>
    public static BudgetRequest Remove(double ratio) =>
        ratio is >= 0 and < 1
            ? new BudgetRequest(null, ratio)
            : throw new InputException($"a ratio of {ratio} makes no sense: from 0 up to below 1");
}
