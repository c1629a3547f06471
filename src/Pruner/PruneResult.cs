using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Pruner.Sparsity;
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
    /// <summary>What was fitted after the cut; null where nothing was asked for. <see cref="Equivalence"/> is that of the cut itself.</summary>
    public ReconstructionResult? Reconstruction { get; init; }

    /// <summary>Single weights that became zero; null where none were asked for.</summary>
    public SparsityResult? Sparsity { get; init; }

    /// <summary>The cuts or changes of masks of a schedule, in order; empty where all went at once.</summary>
    public IReadOnlyList<ScheduleStage> Stages { get; init; } = [];

    /// <summary>Trainings on the original's outputs that only took the model further from them, at every rate tried, and so were dropped.</summary>
    public int DroppedTrainings { get; init; }
    /// <summary>How the accuracy was held; null where no floor was asked for.</summary>
    public FloorResult? Floor { get; init; }

    /// <summary>How the layers' units compare by their scores: priors for later runs; null where nobody looked.</summary>
    public Priors? Sensitivity { get; init; }

    /// <summary>How the widths of another model's plan were carried over; null where none were.</summary>
    public PlanTransfer? Transfer { get; init; }

    /// <summary>The board that measured the costs; null where this machine did.</summary>
    public string? CostsFrom { get; init; }

    /// <summary>True where the pruned model is measurably slower or hungrier than the original: then it is not handed out.</summary>
    public bool IsWorse => Comparison.LatencyRatio.Low > 1 || Comparison.EnergyRatio.Low > 1;

    /// <summary>
    /// Latency that the table predicts for the pruned model, in seconds: its predicted share of the latency that the original had
    /// in the same run, so that a machine that changed its speed since the sweep does not count as an error of the table.
    /// </summary>
    public double PredictedLatency => Budget.Share(CostMetric.Latency) * Comparison.First.Latency.Median.Median;

    /// <summary>The same for the energy, in joules.</summary>
    public double PredictedEnergy => Budget.Share(CostMetric.Energy) * Comparison.First.Energy.Total.Median;

    /// <summary>Share of the original's cost that remains: measured for energy and latency, counted for the rest.</summary>
    public double MeasuredShare(CostMetric metric) => metric switch
    {
        CostMetric.Energy => Comparison.EnergyRatio.Median,
        CostMetric.Latency => Comparison.LatencyRatio.Median,
        _ => Budget.Share(metric),
    };

    /// <summary>The share of the original's cost that a target allows.</summary>
    public double Allowed(BudgetTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.ShareOf(Budget.BeforeOf(target.Metric));
    }

    /// <summary>True where one target is kept, within what a measurement can tell.</summary>
    public bool IsMet(BudgetTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return MeasuredShare(target.Metric) <= Allowed(target) * (1 + (target.IsMeasured ? ModelComparison.Repeatability : 1e-9));
    }

    /// <summary>True where the measurement says that the budget is kept, within what a measurement can tell.</summary>
    public bool Meets(BudgetRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return !IsWorse && (request.Targets.Count > 0 ? request.Targets.All(IsMet) : Budget.Choice.Met);
    }
}
