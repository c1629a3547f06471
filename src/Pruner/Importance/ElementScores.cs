using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Scores of single weights, which serve unstructured pruning as they are; a unit has the sum over the weights that make it and read it,
/// and over the scales of its normalisations.
/// </summary>
internal static class ElementScores
{
    /// <summary>Scores of units from scores of weights.</summary>
    /// <param name="context">The units.</param>
    /// <param name="elements">Scores by tensor, row-major.</param>
    /// <param name="of">What is summed; a score itself where null.</param>
    public static double[] OfUnits(ImportanceContext context, IReadOnlyDictionary<string, float[]> elements, Func<double, double>? of = null)
    {
        var weights = new WeightTensors(context.Model);
        return SliceScores.Of(context.Coupling, context.Reduction ?? Reduction.Sum, (group, s) =>
        {
            UnitSlice sample = group.Units[0].Slices[s];
            if (!weights.Counts(sample) || !elements.TryGetValue(sample.Tensor, out float[]? values))
            {
                return null;
            }

            double[] along = WeightTensors.Along(values, weights.Dims(sample.Tensor), sample.Axis, of ?? (v => v));
            return [.. group.Units.Select(u => u.Slices[s].Indices.Sum(i => along[i]))];
        });
    }
}
