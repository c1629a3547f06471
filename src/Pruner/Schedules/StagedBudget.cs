using EdgePrune.Pruner.Budget;

namespace EdgePrune.Pruner.Schedules;

/// <summary>A budget on the way: what may remain after a part of the way to it.</summary>
/// <param name="shares">What may remain of each cost at the end, as a share of the original's; empty where a share of the units goes.</param>
/// <param name="ratio">The share of the units that goes where nothing is limited.</param>
internal sealed class StagedBudget(IReadOnlyDictionary<CostMetric, double> shares, double ratio)
{
    /// <summary>The budget after a part of the way.</summary>
    /// <param name="progress">0 for all of the model, 1 for the budget itself.</param>
    /// <param name="spacing">How the way is divided.</param>
    public BudgetRequest At(double progress, CutSpacing spacing = CutSpacing.Linear)
    {
        double Left(double end) => spacing == CutSpacing.Geometric ? Math.Pow(end, progress) : 1 - (progress * (1 - end));
        return shares.Count == 0
            ? BudgetRequest.Remove(Math.Clamp(1 - Left(1 - ratio), 0, ratio))
            : BudgetRequest.AtMost([.. shares.Select(s => new BudgetTarget(s.Key, Math.Clamp(Left(s.Value), s.Value, 1), IsShare: true))]);
    }

    /// <summary>A budget tighter than the one asked for.</summary>
    /// <param name="share">By how much, as a share of what that leaves.</param>
    public BudgetRequest Beyond(double share) => shares.Count == 0
        ? BudgetRequest.Remove(ratio + (share * (1 - ratio)))
        : BudgetRequest.AtMost([.. shares.Select(s => new BudgetTarget(s.Key, s.Value * (1 - share), IsShare: true))]);

    /// <summary>True where a choice keeps the budget itself.</summary>
    /// <param name="left">Share of each cost that it leaves.</param>
    /// <param name="removed">Share of the units that it removes.</param>
    public bool IsKept(Func<CostMetric, double> left, double removed) =>
        shares.Count == 0 ? removed >= ratio - 1e-9 : shares.All(s => left(s.Key) <= s.Value * (1 + 1e-9));
}
