using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Layer-adaptive magnitude (Lee et al., "Layer-adaptive Sparsity for the Magnitude-based Pruning", ICLR 2021), for units: the squared
/// norm of a unit over the sum of those that are at least as large in its group, ‖w_u‖² / Σ_{v: ‖w_v‖ ≥ ‖w_u‖} ‖w_v‖². The largest of
/// each group scores one.
/// </summary>
public sealed class LampImportance : IImportance
{
    public string Name => "lamp";

    public string Summary => "squared norm over that of all larger units of the group (LAMP, ICLR 2021)";

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        double[] norms = SliceScores.Of(context.Coupling, context.Reduction ?? Reduction.Norm, GroupNormImportance.Norms(new WeightTensors(context.Model)));
        double[] scores = new double[norms.Length];
        foreach (UnitGroup group in context.Coupling.Groups)
        {
            double[] own = Of([.. group.Units.Select(u => norms[u.Id] * norms[u.Id])]);
            for (int u = 0; u < own.Length; u++)
            {
                scores[group.Units[u].Id] = own[u];
            }
        }

        return scores;
    }

    /// <summary>Each square over the sum of those that come with it or after it in ascending order; equal ones in the order given.</summary>
    internal static double[] Of(double[] squares)
    {
        double[] scores = new double[squares.Length];
        double sum = 0;
        foreach (int i in Enumerable.Range(0, squares.Length).OrderByDescending(i => squares[i]).ThenByDescending(i => i))
        {
            sum += squares[i];
            scores[i] = double.IsNaN(squares[i]) ? double.NaN : sum == 0 ? 0 : squares[i] / sum;
        }

        return scores;
    }
}
