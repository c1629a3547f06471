namespace EdgePrune.Profiler.Statistics;

/// <summary>
/// Least squares with coefficients that cannot be negative, by active sets (Lawson and Hanson, Solving Least Squares Problems,
/// chapter 23). The search starts from the unconstrained solution without its negative coefficients where the design has full
/// rank: energies of layers are mostly all positive, and then one factorisation is the whole work.
/// </summary>
public static class NonNegativeLeastSquares
{
    /// <summary>Most columns that are taken.</summary>
    public const int MostColumns = 4096;

    /// <summary>Most values (rows times columns) that are taken: 256 MB of them.</summary>
    public const int MostValues = 32 << 20;

    /// <summary>Minimises Σ wᵢ (targetᵢ − Σ rowᵢⱼ xⱼ)² over x ≥ 0.</summary>
    /// <param name="rows">One a measurement; all as long as there are coefficients.</param>
    /// <param name="targets">One a row.</param>
    /// <param name="weights">One a row, ≥ 0, of the squared residual (1/variance); all 1 where null.</param>
    /// <param name="free">True for columns whose coefficient may be negative, such as a drift; none where null.</param>
    /// <exception cref="ArgumentException">Sizes disagree or are too large, or a value is not finite.</exception>
    public static NnlsSolution Solve(double[][] rows, double[] targets, double[]? weights = null, bool[]? free = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(targets);
        Check(rows, targets, weights, free);
        int n = rows[0].Length;
        double[] roots = [.. Enumerable.Range(0, rows.Length).Select(i => Math.Sqrt(weights?[i] ?? 1))];
        double[][] columns = new double[n][];
        double[] lengths = new double[n];
        for (int j = 0; j < n; j++)
        {
            columns[j] = [.. rows.Select((row, i) => row[j] * roots[i])];
            lengths[j] = Normalise(columns[j]);
        }

        double[] target = [.. targets.Select((t, i) => t * roots[i])];
        double targetLength = Normalise(target);
        var search = new NnlsActiveSet(columns, lengths, target, free);
        bool converged = search.Run();
        double[] coefficients = [.. search.Values.Select((x, j) => lengths[j] == 0 ? 0 : x * targetLength / lengths[j])];
        double[] residuals = [.. rows.Select((row, i) => targets[i] - row.Zip(coefficients, (a, x) => a * x).Sum())];
        return new NnlsSolution(coefficients, residuals, search.Condition(), converged);
    }

    private static void Check(double[][] rows, double[] targets, double[]? weights, bool[]? free)
    {
        if (rows.Length == 0 || rows[0] is not { Length: > 0 and <= MostColumns } first
            || (long)rows.Length * first.Length > MostValues)
        {
            throw new ArgumentException(
                $"a design has 1 to {MostColumns} columns and at most {MostValues} values in all", nameof(rows));
        }

        if (targets.Length != rows.Length || (weights is not null && weights.Length != rows.Length))
        {
            throw new ArgumentException($"{rows.Length} rows, {targets.Length} targets, {weights?.Length ?? rows.Length} weights");
        }

        if (free is not null && free.Length != first.Length)
        {
            throw new ArgumentException($"{free.Length} marks for {first.Length} columns", nameof(free));
        }

        if (rows.Any(row => row is null || row.Length != first.Length || !row.All(double.IsFinite)))
        {
            throw new ArgumentException($"a row has other than {first.Length} finite values", nameof(rows));
        }

        if (!targets.All(double.IsFinite) || (weights is not null && !weights.All(w => double.IsFinite(w) && w >= 0)))
        {
            throw new ArgumentException("a target is not finite, or a weight is not finite and at least 0");
        }
    }

    /// <summary>Scales to length 1 without overflow.</summary>
    /// <returns>The length it had; 0 where it has none.</returns>
    private static double Normalise(double[] vector)
    {
        double largest = vector.Max(Math.Abs);
        if (largest == 0 || !double.IsFinite(largest))
        {
            return largest == 0 ? 0 : throw new ArgumentException("a weighted value is too large");
        }

        double sum = 0;
        foreach (double v in vector)
        {
            sum += v / largest * (v / largest);
        }

        double root = Math.Sqrt(sum);
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = vector[i] / largest / root;
        }

        return largest * root;
    }
}
