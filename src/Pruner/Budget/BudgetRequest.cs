using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Budget;

/// <summary>What the user asked for: limits on what may remain of the original's costs, or a share of units to remove.</summary>
public sealed record BudgetRequest
{
    private BudgetRequest(IReadOnlyList<BudgetTarget> targets, double ratio)
    {
        Targets = targets;
        Ratio = ratio;
    }

    /// <summary>What is limited, all of it together; empty where a share of the units is removed instead.</summary>
    public IReadOnlyList<BudgetTarget> Targets { get; }

    /// <summary>Share of the units that goes where nothing is limited.</summary>
    public double Ratio { get; }

    /// <summary>What is limited first; null where a share of the units is removed instead.</summary>
    public CostMetric? Metric => Targets.Count > 0 ? Targets[0].Metric : null;

    /// <summary>At most this share of the original's cost, above 0 and up to 1.</summary>
    public static BudgetRequest AtMost(CostMetric metric, double share) => AtMost([new BudgetTarget(metric, share, IsShare: true)]);

    /// <summary>All of these limits together.</summary>
    /// <exception cref="InputException">There is none, one is given twice, or one makes no sense.</exception>
    public static BudgetRequest AtMost(IReadOnlyList<BudgetTarget> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.Count == 0 || targets.DistinctBy(t => t.Metric).Count() < targets.Count)
        {
            throw new InputException(targets.Count == 0 ? "no budget was given" : "a budget was given twice for the same cost");
        }

        foreach (BudgetTarget target in targets)
        {
            if (!double.IsFinite(target.Value) || target.Value <= 0 || (target.IsShare && target.Value > 1))
            {
                throw new InputException(target.IsShare
                    ? $"a budget of {target.Value:P0} makes no sense: above 0 % and up to 100 %"
                    : $"a budget of {target.Value} makes no sense: it is above 0");
            }
        }

        return new BudgetRequest(targets, 0);
    }

    /// <summary>This share of all units goes, from 0 up to below 1.</summary>
    public static BudgetRequest Remove(double ratio) =>
        ratio is >= 0 and < 1
            ? new BudgetRequest([], ratio)
            : throw new InputException($"a ratio of {ratio} makes no sense: from 0 up to below 1");
}
