namespace EdgePrune.Pruner.Budget;

/// <summary>An upper limit on what the network may cost, in the metric's unit (J, s, bytes, multiply-accumulates).</summary>
public sealed record BudgetLimit(CostMetric Metric, double Limit);
