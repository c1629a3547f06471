using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Knowledge;

/// <summary>What a group of units is called: by the parameters that make its units.</summary>
internal static class GroupNames
{
    /// <summary>Names of these tensors, in the order of the units' slices; none where no parameters make the units.</summary>
    public static IReadOnlyList<string> Of(CouplingResult coupling, UnitGroup group) =>
        [.. group.Units[0].Slices.Where(s => s.Role == SliceRole.Output && coupling.Context.Index.Initializer(s.Tensor) is not null).Select(s => s.Tensor).Distinct(StringComparer.Ordinal)];
}
