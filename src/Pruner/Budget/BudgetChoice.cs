namespace EdgePrune.Pruner.Budget;

/// <summary>A choice of units.</summary>
/// <param name="Removed">Ids of the units that go.</param>
/// <param name="Predicted">What the parts are predicted to cost then.</param>
/// <param name="Before">What they are predicted to cost as they are.</param>
/// <param name="LostImportance">Sum of the scores of what is removed.</param>
/// <param name="Met">True where every limit is met.</param>
public sealed record BudgetChoice(IReadOnlyList<int> Removed, LayerCost Predicted, LayerCost Before, double LostImportance, bool Met)
{
    /// <summary>Ids of the blocks and layers that go as a whole.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [];

    /// <summary>
    /// Proven: no choice among the widths that the solver looks at keeps the limits and loses less than this. 0 where nothing better
    /// is known; equal to <see cref="LostImportance"/> where the choice is the best there is.
    /// </summary>
    public double LostAtLeast { get; init; }

    /// <summary>How far the choice can be from the best, as a share of what the best loses; infinite where nothing is proven.</summary>
    public double Gap => LostImportance <= LostAtLeast ? 0 : LostAtLeast > 0 ? (LostImportance / LostAtLeast) - 1 : double.PositiveInfinity;

    /// <summary>Of limits that cannot be met, the least share of each that was found possible, and the share that is proven necessary.</summary>
    public IReadOnlyList<LeastCost> Least { get; init; } = [];
}

/// <summary>The least that the network can cost.</summary>
/// <param name="Limit">The limit that was asked for.</param>
/// <param name="Found">Cost of the cheapest choice found, in the metric's unit.</param>
/// <param name="Proven">No choice costs less than this.</param>
public sealed record LeastCost(BudgetLimit Limit, double Found, double Proven)
{
    /// <summary>What the plan's solver takes for the whole of this cost, in the metric's unit.</summary>
    internal double Of(LayerCost before, PaperCost paper) => Limit.Metric == CostMetric.Memory ? paper.MemoryBytes : before.Of(Limit.Metric);
}
