using MathNet.Numerics.LinearAlgebra;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// A layer, or a group of one, from which units that it reads are taken one after the other while its weights make up for each by least
/// squares: Optimal Brain Surgeon in blocks (Hassibi and Stork, 1992; Kurtic et al., "ZipLM", NeurIPS 2023). With H = XᵀX + λI, taking
/// the columns B raises the squared error by Σ_o w_oB (H⁻¹_BB)⁻¹ w_oBᵀ.
/// </summary>
internal sealed class UnitRegression
{
    private readonly double[] inverse;
    private readonly double[,] weights;
    private readonly IReadOnlyDictionary<int, int[]> columns;
    private readonly int size;
    private readonly int outputs;

    /// <param name="equations">What the layer reads.</param>
    /// <param name="weights">m rows of k weights and a bias; they are changed.</param>
    /// <param name="columns">Which columns belong to each unit.</param>
    /// <param name="ridge">λ as a share of the mean of the squares of the columns.</param>
    public UnitRegression(NormalEquations equations, double[,] weights, IReadOnlyDictionary<int, int[]> columns, double ridge)
    {
        this.weights = weights;
        this.columns = columns;
        size = weights.GetLength(1);
        outputs = weights.GetLength(0);
        double mean = Enumerable.Range(0, size - 1).Sum(i => equations.Inner(i, i)) / Math.Max(1, size - 1);
        Spread = Contributions.Spread(equations, weights);
        Matrix<double> h = Matrix<double>.Build.Dense(
            size, size, (i, j) => equations.Inner(i, j) + (i == j ? (i < size - 1 ? (ridge * mean) + 1e-9 : 1e-9 * equations.Count) : 0));
        inverse = h.Cholesky().Solve(Matrix<double>.Build.DenseIdentity(size)).ToRowMajorArray();
    }

    /// <summary>Variance of what the layer makes, summed over rows and outputs.</summary>
    public double Spread { get; }

    /// <summary>The weights as they are now; those of taken units are zero.</summary>
    public double[,] Weights => weights;

    /// <summary>What taking a unit adds to the squared error; zero for units that the layer does not read.</summary>
    public double Cost(int unit)
    {
        if (!columns.TryGetValue(unit, out int[]? block))
        {
            return 0;
        }

        Matrix<double> own = Own(block);
        return own.PointwiseMultiply(Block(block).Cholesky().Solve(own)).Enumerate().Sum();
    }

    /// <summary>Takes a unit.</summary>
    public void Remove(int unit)
    {
        if (!columns.TryGetValue(unit, out int[]? block))
        {
            return;
        }

        Matrix<double> inner = Block(block);
        // b × size: (H⁻¹_BB)⁻¹ H⁻¹_B:
        double[][] rows = Array.ConvertAll(block, b => inverse[(b * size)..((b + 1) * size)]);
        Matrix<double> solved = inner.Cholesky().Solve(Matrix<double>.Build.DenseOfRowArrays(rows));
        for (int o = 0; o < outputs; o++)
        {
            for (int k = 0; k < block.Length; k++)
            {
                double by = weights[o, block[k]];
                for (int j = 0; by != 0 && j < size; j++)
                {
                    weights[o, j] -= by * solved[k, j];
                }
            }

            foreach (int b in block)
            {
                weights[o, b] = 0;
            }
        }

        for (int i = 0; i < size; i++)
        {
            for (int k = 0; k < block.Length; k++)
            {
                double by = rows[k][i];
                for (int j = 0; by != 0 && j < size; j++)
                {
                    inverse[(i * size) + j] -= by * solved[k, j];
                }
            }
        }

        // What is left of the block is rounding; it must not come back.
        foreach (int b in block)
        {
            for (int j = 0; j < size; j++)
            {
                inverse[(b * size) + j] = 0;
                inverse[(j * size) + b] = 0;
            }
        }
    }

    private Matrix<double> Block(int[] block) =>
        Matrix<double>.Build.Dense(block.Length, block.Length, (i, j) => inverse[(block[i] * size) + block[j]]);

    // b × m.
    private Matrix<double> Own(int[] block) => Matrix<double>.Build.Dense(block.Length, outputs, (i, o) => weights[o, block[i]]);
}
