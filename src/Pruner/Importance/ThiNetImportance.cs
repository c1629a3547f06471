using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Greedy selection by what the next layer makes (Luo et al., "ThiNet", ICCV 2017): the set of removed units grows by the one with which
/// the sum of what they contribute to the next layer, Σ(Σ_u z_u)², stays smallest. The weights are not made up for while choosing.
/// </summary>
public sealed class ThiNetImportance : RegressionImportance
{
    public override string Name => "thinet";

    public override string Summary => "greedy choice by what the units contribute to the next layer (ThiNet, ICCV 2017)";

    private protected override Func<UnitGroup, IReadOnlyList<ReadingLayer>, IEnumerable<(int Unit, double Score)>> Scorer(
        ImportanceContext context, CalibrationData data) => (group, layers) =>
        Path(Contributions.Gram(group, layers), [.. group.Units.Select(u => u.Id)]).Marginal();

    /// <summary>The greedy order and the error after each step.</summary>
    internal static RemovalPath Path(double[,] gram, int[] units)
    {
        var left = Enumerable.Range(0, units.Length).ToList();
        var taken = new List<int>();
        var errors = new List<double>();
        double error = 0;
        double most = 0;
        while (left.Count > 1)
        {
            (double cost, int best) = left.Select(u => (gram[u, u] + (2 * taken.Sum(t => gram[u, t])), u)).Min();
            error += cost;
            most = Math.Max(most, error);
            errors.Add(most);
            taken.Add(best);
            left.Remove(best);
        }

        return new RemovalPath([.. taken.Concat(left).Select(u => units[u])], errors);
    }
}
