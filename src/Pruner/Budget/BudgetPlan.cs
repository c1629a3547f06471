using EdgePrune.Profiler.Costs;

namespace EdgePrune.Pruner.Budget;

/// <summary>What a choice of units is predicted to cost.</summary>
/// <param name="Choice">The units.</param>
/// <param name="Before">The network as it is, from the table.</param>
/// <param name="After">The network without the units, from the table.</param>
/// <param name="PaperBefore">The network as it is, counted.</param>
/// <param name="PaperAfter">The network without the units, counted.</param>
/// <param name="Error">Relative error of the table's predictions, median, as its held-out widths tell; null where it is not known.</param>
public sealed record BudgetPlan(BudgetChoice Choice, Cost Before, Cost After, PaperCost PaperBefore, PaperCost PaperAfter, double? Error = null)
{
    /// <summary>What measured cuts have said about the table.</summary>
    public PredictionCorrection Correction { get; init; } = PredictionCorrection.None;

    /// <summary>Predicted share of the cost that remains.</summary>
    public double Share(CostMetric metric) => Correction.Share(metric, TableShare(metric));

    /// <summary>The share that remains by the table alone.</summary>
    public double TableShare(CostMetric metric) => Of(After, PaperAfter, metric) / BeforeOf(metric);

    /// <summary>Cost of the network as it is, in the metric's unit.</summary>
    public double BeforeOf(CostMetric metric) => Of(Before, PaperBefore, metric);

    /// <summary>Predicted cost without the units, in the metric's unit.</summary>
    public double AfterOf(CostMetric metric) => Share(metric) * BeforeOf(metric);

    /// <summary>
    /// Where the share will lie: what was removed is off by the table's error, what stays is measured with the network. A counted
    /// share is exact.
    /// </summary>
    public (double Low, double High) Interval(CostMetric metric)
    {
        double share = Share(metric);
        double off = metric.IsMeasured() ? (Error ?? 0) * Math.Abs(1 - share) : 0;
        return (share - off, share + off);
    }

    private static double Of(Cost measured, PaperCost counted, CostMetric metric) => metric switch
    {
        CostMetric.Energy => measured.Total.Value,
        CostMetric.Latency => measured.Time.Value,
        _ => counted.Of(metric),
    };
}
