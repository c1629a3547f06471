using EdgePrune.Profiler.Statistics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>
/// Bootstrap of a weighted fit by its residuals, each made larger by the leverage of its window (HC3: MacKinnon and White, 1985).
/// A layer has a handful of windows, too few to know its own spread: it is drawn towards that of all windows, as in Smyth's
/// moderated t (2004), and the interval is widened by the t distribution of the freedom that this leaves.
/// </summary>
internal sealed class FitBootstrap
{
    // Windows of prior that the spread of all is worth.
    private const double Prior = 4;
    private readonly double[] solution;
    private readonly double[] scaled;
    private readonly double[] spread;
    private readonly Matrix<double> inverse;
    private readonly int[] active;
    private readonly double freedom;
    private readonly Random random;

    public FitBootstrap(double[][] rows, double[] weights, NnlsSolution fit, int[] groups, int seed)
    {
        random = new Random(seed);
        solution = [.. fit.Coefficients];
        active = [.. Enumerable.Range(0, solution.Length).Where(j => solution[j] > 0)];
        int n = rows.Length;
        double[] roots = [.. weights.Select(Math.Sqrt)];
        Matrix<double> design = Matrix<double>.Build.Dense(n, active.Length, (i, j) => rows[i][active[j]] * roots[i]);
        double[] lengths = [.. Enumerable.Range(0, active.Length).Select(j => Math.Max(design.Column(j).L2Norm(), 1e-300))];
        Matrix<double> unit = Matrix<double>.Build.Dense(n, active.Length, (i, j) => design[i, j] / lengths[j]);
        // Columns of length one keep the normal equations as well-conditioned as the fit is.
        Matrix<double> small = (unit.TransposeThisAndMultiply(unit)
            + (Matrix<double>.Build.DenseIdentity(active.Length) * 1e-12)).Cholesky().Solve(unit.Transpose());
        double[] leverage = [.. Enumerable.Range(0, n).Select(i => Math.Clamp(unit.Row(i) * small.Column(i), 0, 0.99))];
        inverse = Matrix<double>.Build.Dense(active.Length, n, (j, i) => small[j, i] / lengths[j]);

        double[] squares = [.. fit.Residuals.Select((r, i) => Math.Pow(r * roots[i] / (1 - leverage[i]), 2))];
        double[] plain = [.. fit.Residuals.Select((r, i) => r * roots[i])];
        double pooled = plain.Sum(r => r * r) / Math.Max(1, n - active.Length);
        spread = new double[n];
        double fewest = double.PositiveInfinity;
        foreach (IGrouping<int, int> group in Enumerable.Range(0, n).GroupBy(i => groups[i]))
        {
            int[] members = [.. group];
            double own = members.Sum(i => squares[i]);
            double variance = ((Prior * pooled) + own) / (Prior + members.Length);
            fewest = Math.Min(fewest, members.Length);
            foreach (int i in members)
            {
                spread[i] = Math.Sqrt(variance);
            }
        }

        freedom = Prior + fewest - 1;
        double usual = Math.Sqrt(Math.Max(pooled, 1e-300));
        scaled = [.. plain.Select((r, i) => r / (1 - leverage[i]) / usual)];
        double norm = Math.Sqrt(scaled.Sum(r => r * r) / n);
        scaled = [.. scaled.Select(r => norm > 0 ? r / norm : 0)];
    }

    /// <summary>Coefficients of so many fits to windows drawn anew.</summary>
    public double[][] Draw(int draws)
    {
        double[][] drawn = new double[draws][];
        var noise = Vector<double>.Build.Dense(spread.Length);
        for (int d = 0; d < draws; d++)
        {
            for (int i = 0; i < spread.Length; i++)
            {
                int sign = random.Next(2) == 0 ? -1 : 1;
                noise[i] = sign * scaled[random.Next(scaled.Length)] * spread[i];
            }

            Vector<double> change = inverse * noise;
            double[] coefficients = [.. solution];
            for (int j = 0; j < active.Length; j++)
            {
                coefficients[active[j]] = Math.Max(0, coefficients[active[j]] + change[j]);
            }

            drawn[d] = coefficients;
        }

        return drawn;
    }

    /// <summary>The 95 % interval of a function of the coefficients, with the gain's uncertainty in it.</summary>
    /// <param name="gain">Half width of the gain's interval, as a fraction of the value.</param>
    public Interval Interval(double value, double[] draws, double gain, int count)
    {
        double mean = draws.Average();
        double deviation = Math.Sqrt(draws.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, draws.Length - 1));
        double noise = deviation * StudentT.InvCDF(0, 1, freedom, 0.975);
        double half = Math.Sqrt((noise * noise) + (gain * value * gain * value));
        return new Interval(value, value - half, value + half, count, 0.95);
    }
}
