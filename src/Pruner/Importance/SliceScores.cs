using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>Puts the scores of slices together into scores of units.</summary>
internal static class SliceScores
{
    /// <summary>One score a unit; NaN for the units of groups of which no slice is scored.</summary>
    /// <param name="coupling">The units.</param>
    /// <param name="reduction">How the scores of a unit's slices become one.</param>
    /// <param name="score">Scores of slice number s of each unit of a group, in the group's order; null for slices that do not count.</param>
    public static double[] Of(CouplingResult coupling, Reduction reduction, Func<UnitGroup, int, double[]?> score)
    {
        double[] scores = new double[coupling.Units.Count];
        Parallel.ForEach(coupling.Groups, group =>
        {
            List<double[]> slices = [];
            for (int s = 0; s < group.Slices.Count; s++)
            {
                if (score(group, s) is { } own)
                {
                    slices.Add(own);
                }
            }

            for (int u = 0; u < group.Units.Count; u++)
            {
                scores[group.Units[u].Id] = slices.Count == 0 ? double.NaN : Reduce(slices.Select(s => s[u]), reduction);
            }
        });
        return scores;
    }

    /// <summary>Several numbers as one.</summary>
    public static double Reduce(IEnumerable<double> values, Reduction reduction) => reduction switch
    {
        Reduction.Mean => values.Average(),
        Reduction.Max => values.Max(),
        Reduction.Norm => Math.Sqrt(values.Sum(v => v * v)),
        _ => values.Sum(),
    };
}
