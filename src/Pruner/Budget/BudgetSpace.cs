using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Budget;

/// <summary>What can be chosen, and what it costs.</summary>
/// <param name="Coupling">The units.</param>
/// <param name="Scores">Importance by unit id, not negative.</param>
/// <param name="Terms">Costs of the parts of the network.</param>
public sealed record BudgetSpace(CouplingResult Coupling, IReadOnlyList<double> Scores, IReadOnlyList<CostTerm> Terms)
{
    /// <summary>What the network costs beside its parts.</summary>
    public LayerCost Constant { get; init; }

    /// <summary>Share of each group that always stays, at least one unit.</summary>
    public double Floor { get; init; } = BudgetSolver.Floor;

    /// <summary>Least and most units that a group keeps, by group id, where it is not the floor to all of them.</summary>
    public IReadOnlyDictionary<int, (int Least, int Most)> Kept { get; init; } = new Dictionary<int, (int, int)>();

    /// <summary>Blocks and layers that compete with the units.</summary>
    public IReadOnlyList<BlockChoice> Blocks { get; init; } = [];

    /// <summary>Bytes of the values between the layers, for limits on memory.</summary>
    public IReadOnlyList<CostTerm> Values { get; init; } = [];

    /// <summary>Values, by place, that are alive together.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Moments { get; init; } = [];
}
