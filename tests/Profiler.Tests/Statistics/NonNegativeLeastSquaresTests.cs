using EdgePrune.Profiler.Statistics;
using FsCheck;
using FsCheck.Fluent;

namespace EdgePrune.Profiler.Tests.Statistics;

public sealed class NonNegativeLeastSquaresTests
{
    [Fact]
    public void Random_problems_satisfy_the_conditions_of_the_optimum() => Prop.ForAll<PositiveInt, PositiveInt, int>((m, n, seed) =>
    {
        var random = new Random(seed);
        int rows = 1 + (m.Get % 40);
        int columns = 1 + (n.Get % 25);
        double[][] design = Design(random, rows, columns, scales: true);
        double[] targets = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() - 0.4)];
        double[] weights = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() * 10)];
        bool[] free = [.. Enumerable.Range(0, columns).Select(_ => random.Next(6) == 0)];
        NnlsSolution solution = NonNegativeLeastSquares.Solve(design, targets, weights, free);
        Assert.True(solution.IsConverged);
        AssertOptimal(design, targets, weights, free, solution);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_truth_without_noise_is_recovered() => Prop.ForAll<PositiveInt, int>((n, seed) =>
    {
        var random = new Random(seed);
        int columns = 1 + (n.Get % 30);
        double[][] design = Design(random, (2 * columns) + 5, columns, scales: true);
        double[] truth = [.. Enumerable.Range(0, columns).Select(_ => random.Next(3) == 0 ? 0 : random.NextDouble())];
        double[] targets = [.. design.Select(row => row.Zip(truth, (a, x) => a * x).Sum())];
        NnlsSolution solution = NonNegativeLeastSquares.Solve(design, targets);
        double[] sizes = [.. Enumerable.Range(0, columns).Select(j => design.Max(row => Math.Abs(row[j])))];
        double scale = targets.Max(Math.Abs) + double.Epsilon;
        for (int j = 0; j < columns; j++)
        {
            Assert.InRange((solution.Coefficients[j] - truth[j]) * sizes[j] / scale, -1e-8, 1e-8);
        }

        Assert.All(solution.Residuals, r => Assert.InRange(r / scale, -1e-10, 1e-10));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_unconstrained_optimum_with_a_negative_coefficient_is_not_just_clipped()
    {
        // Unconstrained: x = (2, -1). Clipping gives (2, 0); the constrained optimum is (1.5, 0).
        double[][] design = [[1, 1], [1, 0], [0, 0]];
        NnlsSolution solution = NonNegativeLeastSquares.Solve(design, [1, 2, 0]);
        Assert.Equal(1.5, solution.Coefficients[0], 12);
        Assert.Equal(0, solution.Coefficients[1]);
        Assert.Equal(1, solution.Condition, 12);
        Assert.Equal([-0.5, 0.5, 0.0], solution.Residuals.Select(r => Math.Round(r, 12)));
        Assert.Equal(4.5, solution.Predict([3, 100]), 12);

        NnlsSolution withFree = NonNegativeLeastSquares.Solve(design, [1, 2, 0], free: [false, true]);
        Assert.Equal((2.0, -1.0), (Math.Round(withFree.Coefficients[0], 12), Math.Round(withFree.Coefficients[1], 12)));
    }

    [Fact]
    public void Weights_act_as_repeated_rows()
    {
        var random = new Random(5);
        double[][] design = Design(random, 12, 4, scales: false);
        double[] targets = [.. Enumerable.Range(0, 12).Select(_ => random.NextDouble())];
        double[] weights = [.. Enumerable.Range(0, 12).Select(i => (double)(i % 4))];
        double[][] repeated = [.. design.SelectMany((row, i) => Enumerable.Repeat(row, i % 4))];
        double[] repeatedTargets = [.. targets.SelectMany((t, i) => Enumerable.Repeat(t, i % 4))];
        NnlsSolution a = NonNegativeLeastSquares.Solve(design, targets, weights);
        NnlsSolution b = NonNegativeLeastSquares.Solve(repeated, repeatedTargets);
        Assert.All(a.Coefficients.Zip(b.Coefficients), pair => Assert.Equal(pair.First, pair.Second, 10));
    }

    [Fact]
    public void The_condition_number_is_that_of_the_scaled_active_columns()
    {
        // Two unit columns at 60 degrees: singular values √(1 ± cos 60°), whose ratio is √3, whatever their units.
        double[][] design = [[1, 0.5e-9], [0, Math.Sqrt(0.75) * 1e-9]];
        NnlsSolution solution = NonNegativeLeastSquares.Solve(design, [1, 1]);
        Assert.Equal(Math.Sqrt(3), solution.Condition, 9);
    }

    [Fact]
    public void Equal_columns_share_nothing_and_still_fit()
    {
        var random = new Random(2);
        double[][] design = [.. Enumerable.Range(0, 20).Select(_ => random.NextDouble()).Select(v => new[] { v, v, 0, 3 * v })];
        double[] targets = [.. design.Select(row => 2 * row[0])];
        NnlsSolution solution = NonNegativeLeastSquares.Solve(design, targets);
        Assert.All(solution.Residuals, r => Assert.InRange(r, -1e-10, 1e-10));
        Assert.True(solution.IsConverged);
        Assert.Single(solution.Coefficients, c => c > 0);
        Assert.InRange(solution.Condition, 1, 1.000001);
    }

    [Fact]
    public void Values_near_the_limits_of_doubles_do_not_overflow()
    {
        NnlsSolution solution = NonNegativeLeastSquares.Solve([[1e300, 1e-300], [1e300, -1e-300]], [2e300, 2e300]);
        Assert.Equal(2, solution.Coefficients[0], 9);
        NnlsSolution nothing = NonNegativeLeastSquares.Solve([[0, 0]], [0]);
        Assert.Equal([0.0, 0.0], nothing.Coefficients);
    }

    [Fact]
    public void Many_columns_end_within_the_bound()
    {
        var random = new Random(3);
        double[][] design = Design(random, 60, 150, scales: true);
        double[] targets = [.. Enumerable.Range(0, 60).Select(_ => random.NextDouble())];
        NnlsSolution solution = NonNegativeLeastSquares.Solve(design, targets);
        Assert.True(solution.IsConverged);
        AssertOptimal(design, targets, null, null, solution);
    }

    [Fact]
    public void Wrong_sizes_and_values_are_refused()
    {
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([], []));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[]], [1]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1], [1, 2]], [1, 2]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1]], [1, 2]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1]], [1], [-1]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1]], [1], null, [true, false]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[double.NaN]], [1]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1]], [double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([new double[NonNegativeLeastSquares.MostColumns + 1]], [1]));
    }

    private static double[][] Design(Random random, int rows, int columns, bool scales)
    {
        double[] scale = [.. Enumerable.Range(0, columns).Select(_ => scales ? Math.Pow(10, random.Next(-9, 10)) : 1)];
        return [.. Enumerable.Range(0, rows).Select(_ => scale.Select(s => s * (random.NextDouble() - 0.2)).ToArray())];
    }

    /// <summary>Karush, Kuhn and Tucker: x ≥ 0, gradient ≤ 0, and one of the two is 0 in every column.</summary>
    private static void AssertOptimal(double[][] design, double[] targets, double[]? weights, bool[]? free, NnlsSolution solution)
    {
        double norm = Math.Sqrt(targets.Select((t, i) => t * t * (weights?[i] ?? 1)).Sum()) + double.Epsilon;
        for (int j = 0; j < solution.Coefficients.Count; j++)
        {
            double length = Math.Sqrt(design.Select((row, i) => row[j] * row[j] * (weights?[i] ?? 1)).Sum()) + double.Epsilon;
            double gradient = design.Select((row, i) => row[j] * solution.Residuals[i] * (weights?[i] ?? 1)).Sum() / length / norm;
            if (free?[j] == true || solution.Coefficients[j] != 0)
            {
                Assert.InRange(gradient, -1e-7, 1e-7);
            }
            else
            {
                Assert.InRange(gradient, double.NegativeInfinity, 1e-7);
            }

            Assert.True(free?[j] == true || solution.Coefficients[j] >= 0);
        }
    }
}
