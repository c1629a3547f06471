using EdgePrune.Onnx;
using MathNet.Numerics.LinearAlgebra;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// Sums from which least squares are solved without the rows: of [X 1 Y] the product with its own transpose, X of k columns, Y of m.
/// </summary>
/// <param name="columns">k.</param>
/// <param name="outputs">m.</param>
internal sealed class NormalEquations(int columns, int outputs)
{
    // Rows that go into one product in float32.
    private const int Chunk = 4096;

    private readonly float[] buffer = new float[Chunk * (columns + 1 + outputs)];
    private int filled;

    /// <summary>k + 1 + m.</summary>
    public int Width { get; } = columns + 1 + outputs;

    /// <summary>Row-major, <see cref="Width"/> × <see cref="Width"/>.</summary>
    public double[] Sums { get; } = new double[(columns + 1 + outputs) * (columns + 1 + outputs)];

    /// <summary>Rows so far.</summary>
    public double Count => Sums[(columns * Width) + columns];

    /// <summary>Room for the next row: X, then Y; the one between is written here. Call <see cref="Flush"/> where <see cref="IsFull"/>.</summary>
    public void Next(out Span<float> x, out Span<float> y)
    {
        Span<float> row = buffer.AsSpan(filled * Width, Width);
        row[columns] = 1;
        x = row[..columns];
        y = row[(columns + 1)..];
        filled++;
    }

    public bool IsFull => filled == Chunk;

    /// <summary>Adds the rows at hand to the sums.</summary>
    /// <param name="kernel">Multiplies; null for small widths, which are multiplied here.</param>
    public void Flush(GramKernel? kernel)
    {
        if (kernel is not null)
        {
            kernel.Add(buffer, filled, Width, Sums);
        }
        else
        {
            for (int row = 0; row < filled; row++)
            {
                ReadOnlySpan<float> values = buffer.AsSpan(row * Width, Width);
                for (int i = 0; i < Width; i++)
                {
                    for (int j = 0; j < Width; j++)
                    {
                        Sums[(i * Width) + j] += (double)values[i] * values[j];
                    }
                }
            }
        }

        filled = 0;
    }

    /// <summary>Σ x_i·x_j; index <c>k</c> is the column of ones.</summary>
    public double Inner(int i, int j) => Sums[(i * Width) + j];

    /// <summary>Σ x_i·y_o.</summary>
    public double Cross(int i, int output) => Sums[(i * Width) + columns + 1 + output];

    /// <summary>The squared error of weights, summed over rows and outputs.</summary>
    /// <param name="weights">m rows of k weights and a bias.</param>
    public double Error(double[,] weights)
    {
        double error = 0;
        for (int o = 0; o < outputs; o++)
        {
            int y = columns + 1 + o;
            double own = Sums[(y * Width) + y];
            for (int i = 0; i <= columns; i++)
            {
                double product = 0;
                for (int j = 0; j <= columns; j++)
                {
                    product += Inner(i, j) * weights[o, j];
                }

                own += weights[o, i] * (product - (2 * Cross(i, o)));
            }

            error += Math.Max(0, own);
        }

        return error;
    }

    /// <summary>Variance of the targets, summed over rows and outputs.</summary>
    public double Spread()
    {
        double spread = 0;
        for (int o = 0; o < outputs; o++)
        {
            int y = columns + 1 + o;
            spread += Sums[(y * Width) + y] - (Cross(columns, o) * Cross(columns, o) / Math.Max(1, Count));
        }

        return Math.Max(0, spread);
    }

    /// <summary>
    /// The weights that make ‖XW − Y‖² + λ‖W − W₀‖² least, by Cholesky's decomposition; the bias is not held back.
    /// </summary>
    /// <param name="start">W₀: m rows of k weights and a bias.</param>
    /// <param name="ridge">λ as a share of the mean of the squares of X's columns.</param>
    /// <param name="withBias">False to leave the bias as it is.</param>
    /// <exception cref="InputException">The sums are not finite.</exception>
    public double[,] Solve(double[,] start, double ridge, bool withBias = true)
    {
        int size = withBias ? columns + 1 : columns;
        double mean = Enumerable.Range(0, columns).Sum(i => Inner(i, i)) / Math.Max(1, columns);
        if (!double.IsFinite(mean))
        {
            throw new InputException("activations are not finite on the calibration samples; check the model and the preprocessing");
        }

        Matrix<double> right = Matrix<double>.Build.Dense(size, outputs, (i, o) =>
        {
            double residual = Cross(i, o);
            for (int j = 0; j <= columns; j++)
            {
                residual -= Inner(i, j) * start[o, j];
            }

            return residual;
        });
        // Columns that never fire leave the system singular; the ridge grows until it is not.
        for (double share = Math.Max(ridge, 1e-9); ; share *= 10)
        {
            double lambda = (share * mean) + 1e-12;
            Matrix<double> left = Matrix<double>.Build.Dense(size, size, (i, j) => Inner(i, j) + (i == j ? (i < columns ? lambda : 1e-9 * Count) : 0));
            try
            {
                Matrix<double> change = left.Cholesky().Solve(right);
                double[,] weights = (double[,])start.Clone();
                for (int o = 0; o < outputs; o++)
                {
                    for (int i = 0; i < size; i++)
                    {
                        weights[o, i] += change[i, o];
                    }
                }

                return weights;
            }
            catch (ArgumentException) when (share < 1)
            {
                // Not positive definite to rounding: once more with a larger ridge.
            }
        }
    }
}
