using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Sparse regression (He et al., "Channel Pruning for Accelerating Very Deep Neural Networks", ICCV 2017): what the next layer makes is
/// written as Σ β_u·z_u of what the units contribute, ½‖y − Σ β_u z_u‖² + λ‖β‖₁ is made least for ever smaller λ, and a unit scores the
/// largest λ for which its β is not zero, relative to the one for which all are.
/// </summary>
public sealed class LassoImportance : RegressionImportance
{
    private const int Steps = 120;
    private const double Ratio = 0.92;
    private const int MaxSweeps = 2000;

    public override string Name => "lasso";

    public override string Summary => "sparse regression of the next layer on its inputs (Channel Pruning, ICCV 2017)";

    private protected override Func<UnitGroup, IReadOnlyList<ReadingLayer>, IEnumerable<(int Unit, double Score)>> Scorer(
        ImportanceContext context, CalibrationData data) => (group, layers) =>
        group.Units.Select(u => u.Id).Zip(Entries(Contributions.Gram(group, layers)));

    /// <summary>For each unit the largest penalty, from 1 down, at which it takes part.</summary>
    internal static double[] Entries(double[,] gram)
    {
        int count = gram.GetLength(0);
        double[] target = [.. Enumerable.Range(0, count).Select(u => Enumerable.Range(0, count).Sum(v => gram[u, v]))];
        double most = target.Max(Math.Abs);
        double[] entries = new double[count];
        double[] beta = new double[count];
        for (int step = 0; step < Steps && most > 0; step++)
        {
            double share = Math.Pow(Ratio, step);
            Descend(gram, target, beta, share * most);
            for (int u = 0; u < count; u++)
            {
                entries[u] = entries[u] == 0 && beta[u] != 0 ? share : entries[u];
            }
        }

        return entries;
    }

    /// <summary>Coordinate descent from where β stands (Friedman, Hastie and Tibshirani, 2010).</summary>
    internal static void Descend(double[,] gram, double[] target, double[] beta, double lambda)
    {
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            double moved = 0;
            for (int u = 0; u < beta.Length; u++)
            {
                if (gram[u, u] <= 0)
                {
                    continue;
                }

                double residual = target[u];
                for (int v = 0; v < beta.Length; v++)
                {
                    residual -= v == u ? 0 : gram[u, v] * beta[v];
                }

                double next = Math.Sign(residual) * Math.Max(0, Math.Abs(residual) - lambda) / gram[u, u];
                moved = Math.Max(moved, Math.Abs(next - beta[u]));
                beta[u] = next;
            }

            if (moved < 1e-9)
            {
                return;
            }
        }
    }
}
