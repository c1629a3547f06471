namespace EdgePrune.Pruner.Budget;

/// <summary>What a budget limits.</summary>
public enum CostMetric
{
    /// <summary>Joules of one execution, from the measured cost table.</summary>
    Energy,

    /// <summary>Seconds of one execution, from the measured cost table.</summary>
    Latency,

    /// <summary>Bytes of the parameters and of the values that are alive together at the worst moment of one execution.</summary>
    Memory,

    /// <summary>Bytes of the parameters, which the file is but for its graph.</summary>
    Size,

    /// <summary>Multiply-accumulates of one execution.</summary>
    Macs,
}

/// <summary>Questions about metrics.</summary>
public static class CostMetricExtensions
{
    /// <summary>Whether it is measured on the device; the others are counted, and exact.</summary>
    public static bool IsMeasured(this CostMetric metric) => metric is CostMetric.Energy or CostMetric.Latency;
}
