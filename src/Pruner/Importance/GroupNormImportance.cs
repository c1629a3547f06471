using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Norm of all weights that go together, ‖w_u‖₂ over every slice that makes, scales or reads the unit (Fang et al., "DepGraph: Towards
/// Any Structural Pruning", CVPR 2023), relative to the mean of its group. No slice is made comparable first: the large ones count.
/// </summary>
public sealed class GroupNormImportance : IImportance
{
    public string Name => "group-norm";

    public string Summary => "L2 norm over all coupled weights together (DepGraph, CVPR 2023)";

    public ScoreNormalization Normalization => ScoreNormalization.Mean;

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return SliceScores.Of(context.Coupling, context.Reduction ?? Reduction.Norm, Norms(new WeightTensors(context.Model)));
    }

    /// <summary>The norm of each slice of a group.</summary>
    internal static Func<UnitGroup, int, double[]?> Norms(WeightTensors weights) => (group, s) =>
    {
        UnitSlice sample = group.Units[0].Slices[s];
        if (!weights.Counts(sample) || weights.Values(sample.Tensor) is not { } values)
        {
            return null;
        }

        double[] squares = WeightTensors.Along(values, weights.Dims(sample.Tensor), sample.Axis, w => w * w);
        return [.. group.Units.Select(u => Math.Sqrt(u.Slices[s].Indices.Sum(i => squares[i])))];
    };
}
