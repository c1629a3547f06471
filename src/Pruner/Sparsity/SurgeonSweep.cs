using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Reconstruction;
using MathNet.Numerics.LinearAlgebra;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>
/// Takes weights of a layer column by column; what a weight did is made up for by the columns that come later (Frantar and Alistarh,
/// "SparseGPT", ICML 2023). With U the upper Cholesky factor of H⁻¹, a weight that goes costs w²/U_cc² and moves the later ones of its
/// row by −w/U_cc · U_c,later.
/// </summary>
internal static class SurgeonSweep
{
    private const double Ridge = 0.01;

    // Columns among which weights of a share compete, as in the paper.
    private const int BlockColumns = 128;

    /// <summary>New weights of a group of a layer, and which of them went.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="equations">What the group reads.</param>
    /// <param name="rows">Its weights with the bias behind, a row an output; they are changed.</param>
    /// <param name="pattern">A share, or N:M.</param>
    public static bool[,] Run(LinearLayer layer, NormalEquations equations, double[,] rows, SparsityPattern pattern)
    {
        // Inputs at one place of the kernel lie side by side, as N:M counts them.
        int[] order = [.. from k in Enumerable.Range(0, layer.Kernel) from i in Enumerable.Range(0, layer.Inputs) select (i * layer.Kernel) + k];
        int count = order.Length;
        double mean = order.Average(c => equations.Inner(c, c));
        Matrix<double> h = Matrix<double>.Build.Dense(count, count, (i, j) => equations.Inner(order[i], order[j]) + (i == j ? (Ridge * mean) + 1e-9 : 0));
        Matrix<double> inverse = h.Cholesky().Solve(Matrix<double>.Build.DenseIdentity(count));
        Matrix<double> upper = inverse.Cholesky().Factor.Transpose();
        bool[,] gone = new bool[layer.GroupOutputs, count];
        bool isPattern = pattern.Of > 0;
        int step = isPattern ? pattern.Of : BlockColumns;
        for (int first = 0; first < count; first += step)
        {
            int end = Math.Min(count, first + step);
            Choose(layer, rows, order, upper, pattern, first, end, gone);
            for (int c = first; c < end; c++)
            {
                for (int o = 0; o < layer.GroupOutputs; o++)
                {
                    if (gone[o, c])
                    {
                        double by = rows[o, order[c]] / upper[c, c];
                        for (int later = c + 1; later < count; later++)
                        {
                            rows[o, order[later]] -= by * upper[c, later];
                        }

                        rows[o, order[c]] = 0;
                    }
                }
            }
        }

        bool[,] byColumn = new bool[layer.GroupOutputs, count];
        for (int o = 0; o < layer.GroupOutputs; o++)
        {
            for (int c = 0; c < count; c++)
            {
                byColumn[o, order[c]] = gone[o, c];
            }
        }

        return byColumn;
    }

    private static void Choose(
        LinearLayer layer, double[,] rows, int[] order, Matrix<double> upper, SparsityPattern pattern, int first, int end, bool[,] gone)
    {
        double Cost(int o, int c) => Math.Pow(rows[o, order[c]] / upper[c, c], 2);
        if (pattern.Of > 0)
        {
            // A run over the end of a place of the kernel, or of the row, stays whole.
            bool isWhole = end - first == pattern.Of && first / layer.Inputs == (end - 1) / layer.Inputs && first % layer.Inputs % pattern.Of == 0;
            for (int o = 0; isWhole && o < layer.GroupOutputs; o++)
            {
                foreach (int c in Enumerable.Range(first, pattern.Of).OrderBy(c => Cost(o, c)).ThenBy(c => c).Take(pattern.Of - pattern.Keep))
                {
                    gone[o, c] = true;
                }
            }

            return;
        }

        var all = (from o in Enumerable.Range(0, layer.GroupOutputs) from c in Enumerable.Range(first, end - first) select (o, c)).ToList();
        foreach ((int o, int c) in all.OrderBy(p => Cost(p.o, p.c)).Take((int)Math.Round(pattern.Share!.Value * all.Count)))
        {
            gone[o, c] = true;
        }
    }
}
