namespace EdgePrune.Profiler.Statistics;

/// <summary>What <see cref="NonNegativeLeastSquares"/> found.</summary>
/// <param name="Coefficients">One a column, ≥ 0 unless the column is free. Units: those of the target over those of the column.</param>
/// <param name="Residuals">Target minus fit, one a row, in the unit of the targets and without weights.</param>
/// <param name="Condition">
/// Condition number of the active design: the weighted columns whose coefficients are not held at 0, each scaled to length 1,
/// so that the units of the columns do not matter. 1 is orthogonal; infinite where the columns are dependent; 1 where none is active.
/// </param>
/// <param name="IsConverged">
/// False where the bound on iterations ended the search: the coefficients are feasible, but others may fit better.
/// </param>
public sealed record NnlsSolution(
    IReadOnlyList<double> Coefficients, IReadOnlyList<double> Residuals, double Condition, bool IsConverged)
{
    /// <summary>What the fit says for another row of the design.</summary>
    public double Predict(ReadOnlySpan<double> row)
    {
        if (row.Length != Coefficients.Count)
        {
            throw new ArgumentException($"{row.Length} values for {Coefficients.Count} coefficients", nameof(row));
        }

        double sum = 0;
        for (int i = 0; i < row.Length; i++)
        {
            sum += Coefficients[i] * row[i];
        }

        return sum;
    }
}
