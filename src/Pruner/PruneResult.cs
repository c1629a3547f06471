using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Pruner;

/// <summary>A pruned model with all that is known of it.</summary>
/// <param name="Model">The pruned model.</param>
/// <param name="Plan">What was removed.</param>
/// <param name="Budget">The choice and the cost that it predicts.</param>
/// <param name="Costs">The table that the prediction rests on.</param>
/// <param name="Equivalence">Pruned against masked original.</param>
/// <param name="Comparison">Original (first) and pruned (second), measured interleaved.</param>
public sealed record PruneResult(
    OnnxModel Model, PruningPlan Plan, BudgetPlan Budget, CostTable Costs, EquivalenceReport Equivalence, ModelComparison Comparison)
{
    /// <summary>True where the pruned model is measurably slower or hungrier than the original: then it is not handed out.</summary>
    public bool IsWorse => Comparison.LatencyRatio.Low > 1 || Comparison.EnergyRatio.Low > 1;

    /// <summary>Measured share of the original's cost that remains.</summary>
    public double MeasuredShare(CostMetric metric) =>
        metric == CostMetric.Energy ? Comparison.EnergyRatio.Median : Comparison.LatencyRatio.Median;
}
