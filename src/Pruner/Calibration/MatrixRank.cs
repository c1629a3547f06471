namespace EdgePrune.Pruner.Calibration;

/// <summary>The rank of a matrix, by Gaussian elimination with complete pivoting, which reveals it in practice (Higham, 2002, §9.12).</summary>
internal static class MatrixRank
{
    /// <summary>How many pivots are above the largest one times the longer side times the rounding of float32.</summary>
    public static int Of(ReadOnlySpan<float> values, int rows, int columns)
    {
        double[] m = new double[values.Length];
        for (int i = 0; i < m.Length; i++)
        {
            m[i] = values[i];
        }

        double tolerance = 0;
        int rank = 0;
        for (int step = 0; step < Math.Min(rows, columns); step++)
        {
            (int row, int column) = Pivot(m, rows, columns, step);
            double pivot = Math.Abs(m[(row * columns) + column]);
            tolerance = step == 0 ? pivot * Math.Max(rows, columns) * 1.1920929e-7 : tolerance;
            if (pivot <= tolerance || pivot == 0)
            {
                break;
            }

            rank++;
            Swap(m, rows, columns, step, row, column);
            Eliminate(m, rows, columns, step);
        }

        return rank;
    }

    private static (int Row, int Column) Pivot(double[] m, int rows, int columns, int step)
    {
        (int Row, int Column) best = (step, step);
        double most = -1;
        for (int r = step; r < rows; r++)
        {
            for (int c = step; c < columns; c++)
            {
                double size = Math.Abs(m[(r * columns) + c]);
                if (size > most)
                {
                    most = size;
                    best = (r, c);
                }
            }
        }

        return best;
    }

    private static void Swap(double[] m, int rows, int columns, int step, int row, int column)
    {
        for (int c = 0; c < columns && row != step; c++)
        {
            (m[(step * columns) + c], m[(row * columns) + c]) = (m[(row * columns) + c], m[(step * columns) + c]);
        }

        for (int r = 0; r < rows && column != step; r++)
        {
            (m[(r * columns) + step], m[(r * columns) + column]) = (m[(r * columns) + column], m[(r * columns) + step]);
        }
    }

    private static void Eliminate(double[] m, int rows, int columns, int step)
    {
        for (int r = step + 1; r < rows; r++)
        {
            double factor = m[(r * columns) + step] / m[(step * columns) + step];
            for (int c = step; c < columns; c++)
            {
                m[(r * columns) + c] -= factor * m[(step * columns) + c];
            }
        }
    }
}
