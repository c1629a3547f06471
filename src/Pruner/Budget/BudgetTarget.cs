namespace EdgePrune.Pruner.Budget;

/// <summary>What may remain of one cost: a share of the original's, or an amount.</summary>
/// <param name="Metric">The cost.</param>
/// <param name="Value">Above 0; a share of up to 1, or an amount in the metric's unit (J, s, bytes, multiply-accumulates).</param>
/// <param name="IsShare">True where the value is a share.</param>
public sealed record BudgetTarget(CostMetric Metric, double Value, bool IsShare)
{
    /// <summary>True where only a measurement tells whether it is met; false where it is counted.</summary>
    public bool IsMeasured => Metric.IsMeasured();

    /// <summary>The share of the original that may remain, at most 1.</summary>
    /// <param name="before">What the original costs.</param>
    public double ShareOf(double before) => IsShare ? Value : Math.Min(1, Value / before);
}
