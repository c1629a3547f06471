using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using MathNet.Numerics.LinearAlgebra;

namespace Pruner.Tests.Reconstruction;

/// <summary>Sums and updates against least squares solved from the rows themselves.</summary>
public sealed class RegressionTests
{
    private const int Rows = 60;
    private const int Inputs = 5;
    private const int Outputs = 3;
    private readonly Matrix<double> x = Noise(Rows, Inputs, 1);
    private readonly Matrix<double> y = Noise(Rows, Outputs, 2);

    [Fact]
    public void Normal_equations_give_the_least_squares_of_the_rows()
    {
        double[,] solved = Equations().Solve(new double[Outputs, Inputs + 1], 0);
        Matrix<double> expected = WithOnes(x).QR().Solve(y);
        Assert.All(
            from o in Enumerable.Range(0, Outputs) from i in Enumerable.Range(0, Inputs + 1) select (expected[i, o], solved[o, i]),
            p => Assert.Equal(p.Item1, p.Item2, 4));
        Assert.Equal((y - (WithOnes(x) * expected)).Enumerate().Sum(e => e * e), Equations().Error(solved), 3);
    }

    [Fact]
    public void The_ridge_holds_the_weights_at_their_start_and_leaves_the_bias_free()
    {
        double[,] start = new double[Outputs, Inputs + 1];
        for (int o = 0; o < Outputs; o++)
        {
            for (int i = 0; i <= Inputs; i++)
            {
                start[o, i] = (o - i) * 0.1;
            }
        }

        // The same written as further rows: √λ·w = √λ·w₀.
        const double Share = 0.3;
        double lambda = Share * x.Enumerate().Sum(v => v * v) / Inputs;
        Matrix<double> more = Matrix<double>.Build.Dense(Inputs, Inputs + 1, (i, j) => i == j ? Math.Sqrt(lambda) : 0);
        Matrix<double> targets = Matrix<double>.Build.Dense(Inputs, Outputs, (i, o) => Math.Sqrt(lambda) * start[o, i]);
        Matrix<double> expected = WithOnes(x).Stack(more).QR().Solve(y.Stack(targets));
        double[,] solved = Equations().Solve(start, Share);
        Assert.All(
            from o in Enumerable.Range(0, Outputs) from i in Enumerable.Range(0, Inputs + 1) select (expected[i, o], solved[o, i]),
            p => Assert.Equal(p.Item1, p.Item2, 4));
    }

    [Fact]
    public void Inputs_that_never_fire_are_no_obstacle()
    {
        var equations = new NormalEquations(2, 1);
        for (int i = 0; i < 20; i++)
        {
            equations.Next(out Span<float> row, out Span<float> target);
            row[0] = i;
            row[1] = 0;
            target[0] = (2 * i) + 1;
        }

        equations.Flush(null);
        double[,] solved = equations.Solve(new double[1, 3], 0);
        Assert.Equal(2, solved[0, 0], 3);
        Assert.Equal(0, solved[0, 1], 3);
        Assert.Equal(1, solved[0, 2], 2);
    }

    [Fact]
    public void Taking_units_costs_what_fitting_without_them_leaves()
    {
        // Two units of two columns, one of one; the layer makes exactly X·W.
        double[,] weights = new double[Outputs, Inputs + 1];
        var random = new Random(4);
        for (int o = 0; o < Outputs; o++)
        {
            for (int i = 0; i <= Inputs; i++)
            {
                weights[o, i] = random.NextDouble() - 0.5;
            }
        }

        Matrix<double> made = WithOnes(x) * Matrix<double>.Build.DenseOfArray(weights).Transpose();
        var columns = new Dictionary<int, int[]> { [0] = [0, 1], [1] = [2, 3], [2] = [4] };
        var state = new UnitRegression(Equations(), (double[,])weights.Clone(), columns, 0);
        double error = 0;
        int[] gone = [];
        foreach (int unit in new[] { 1, 2 })
        {
            double cost = state.Cost(unit);
            state.Remove(unit);
            gone = [.. gone, .. columns[unit]];
            int[] left = [.. Enumerable.Range(0, Inputs + 1).Where(c => !gone.Contains(c))];
            Matrix<double> part = Matrix<double>.Build.DenseOfColumnVectors(left.Select(WithOnes(x).Column));
            Matrix<double> fit = part.QR().Solve(made);
            double expected = (made - (part * fit)).Enumerate().Sum(e => e * e);
            Assert.Equal(expected - error, cost, 3);
            error = expected;
            for (int o = 0; o < Outputs; o++)
            {
                Assert.All(gone, c => Assert.Equal(0, state.Weights[o, c]));
                Assert.All(left.Select((c, at) => (fit[at, o], state.Weights[o, c])), p => Assert.Equal(p.Item1, p.Item2, 3));
            }
        }
    }

    [Fact]
    public void Thinet_takes_the_unit_with_which_the_removed_sum_stays_smallest()
    {
        Matrix<double> z = Noise(30, 6, 8);
        double[,] gram = (z.Transpose() * z).ToArray();
        RemovalPath path = ThiNetImportance.Path(gram, [10, 11, 12, 13, 14, 15]);
        var taken = new List<int>();
        foreach (int unit in path.Order.Take(5))
        {
            int best = Enumerable.Range(0, 6).Where(u => !taken.Contains(u))
                .MinBy(u => taken.Append(u).Aggregate(Vector<double>.Build.Dense(30), (sum, t) => sum + z.Column(t)).L2Norm());
            Assert.Equal(best + 10, unit);
            taken.Add(best);
        }
    }

    [Fact]
    public void Lasso_solutions_meet_the_conditions_of_the_optimum_and_units_enter_in_their_order()
    {
        Matrix<double> z = Noise(40, 5, 9);
        double[,] gram = (z.Transpose() * z).ToArray();
        double[] target = [.. Enumerable.Range(0, 5).Select(u => Enumerable.Range(0, 5).Sum(v => gram[u, v]))];
        double most = target.Max(Math.Abs);
        double[] entries = LassoImportance.Entries(gram);
        foreach (double share in new[] { 0.7, 0.4, 0.1 })
        {
            double[] beta = new double[5];
            LassoImportance.Descend(gram, target, beta, share * most);
            for (int u = 0; u < 5; u++)
            {
                // The gradient is ±λ where β is not zero, and within ±λ where it is (Karush, Kuhn and Tucker).
                double gradient = target[u] - Enumerable.Range(0, 5).Sum(v => gram[u, v] * beta[v]);
                if (beta[u] != 0)
                {
                    Assert.Equal(Math.Sign(beta[u]) * share * most, gradient, 4);
                    Assert.True(entries[u] >= share * 0.9);
                }
                else
                {
                    Assert.True(Math.Abs(gradient) <= (share * most) + 1e-6);
                }
            }
        }
    }

    private static Matrix<double> Noise(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return Matrix<double>.Build.Dense(rows, columns, (_, _) => (float)(random.NextDouble() - 0.4));
    }

    private static Matrix<double> WithOnes(Matrix<double> m) => m.InsertColumn(m.ColumnCount, Vector<double>.Build.Dense(m.RowCount, 1));

    private NormalEquations Equations()
    {
        var equations = new NormalEquations(Inputs, Outputs);
        for (int row = 0; row < Rows; row++)
        {
            equations.Next(out Span<float> a, out Span<float> b);
            for (int i = 0; i < Inputs; i++)
            {
                a[i] = (float)x[row, i];
            }

            for (int o = 0; o < Outputs; o++)
            {
                b[o] = (float)y[row, o];
            }
        }

        equations.Flush(null);
        return equations;
    }
}
