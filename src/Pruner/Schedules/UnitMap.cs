using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Schedules;

/// <summary>Finds the units of a cut model among those of the original: tensors keep their names, and indices their order.</summary>
internal static class UnitMap
{
    /// <summary>The original's unit for each unit of the cut model, by its id.</summary>
    /// <param name="original">Analysis of the original.</param>
    /// <param name="rest">Analysis of the cut model.</param>
    /// <param name="removed">The original's units that are gone.</param>
    /// <exception cref="InputException">A unit of the cut model is none of the original's, or several.</exception>
    public static int[] Of(CouplingResult original, CouplingResult rest, IReadOnlySet<int> removed)
    {
        var places = new Dictionary<(string, int), int[]?>();
        int[]? Kept(string tensor, int axis)
        {
            if (!places.TryGetValue((tensor, axis), out int[]? kept))
            {
                kept = original.UnitsAlong(tensor, axis) is { } units ? [.. units.Where(u => u < 0 || !removed.Contains(u))] : null;
                places[(tensor, axis)] = kept = kept?.Length == rest.UnitsAlong(tensor, axis)?.Length ? kept : null;
            }

            return kept;
        }

        int[] map = new int[rest.Units.Count];
        foreach (Unit unit in rest.Units)
        {
            int[] found = [.. unit.Slices.Where(s => s.Role != SliceRole.Value)
                .SelectMany(s => Kept(s.Tensor, s.Axis) is { } kept ? s.Indices.Select(i => kept[i]) : []).Distinct()];
            map[unit.Id] = found is [>= 0 and int only]
                ? only
                : throw new InputException(
                    $"after a cut, what lies on axis {unit.Slices[0].Axis} of '{Printable.Name(unit.Slices[0].Tensor)}' is no single unit of the original any more; prune this model in one cut");
        }

        return map;
    }
}
