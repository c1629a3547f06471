using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Knowledge;

/// <summary>A group of units as a plan found it: what another model needs to follow the plan.</summary>
/// <param name="Group">Its id in the plan's model.</param>
/// <param name="Kind">What its units are.</param>
/// <param name="Units">How many there were.</param>
/// <param name="Layers">Names of the parameters that make them.</param>
public sealed record PlannedGroup(int Group, UnitKind Kind, int Units, IReadOnlyList<string> Layers)
{
    /// <summary>All groups of a model.</summary>
    public static IReadOnlyList<PlannedGroup> Of(CouplingResult coupling)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        return [.. coupling.Groups.Select(g => new PlannedGroup(g.Id, g.Kind, g.Units.Count, GroupNames.Of(coupling, g)))];
    }
}
