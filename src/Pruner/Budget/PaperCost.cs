namespace EdgePrune.Pruner.Budget;

/// <summary>Counted costs of a network.</summary>
/// <param name="Macs">Multiply-accumulates of one execution.</param>
/// <param name="SizeBytes">Bytes of its parameters.</param>
/// <param name="MemoryBytes">Those, and the values alive together at the worst moment.</param>
public sealed record PaperCost(double Macs, double SizeBytes, double MemoryBytes)
{
    /// <summary>The figure of a metric that is counted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The metric is measured, not counted.</exception>
    public double Of(CostMetric metric) => metric switch
    {
        CostMetric.Macs => Macs,
        CostMetric.Size => SizeBytes,
        CostMetric.Memory => MemoryBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "energy and latency are measured"),
    };
}
