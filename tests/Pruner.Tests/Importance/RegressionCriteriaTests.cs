using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using MathNet.Numerics.LinearAlgebra;

namespace Pruner.Tests.Importance;

/// <summary>Criteria by regression, against least squares over the samples themselves.</summary>
public sealed class RegressionCriteriaTests
{
    private static readonly OnnxModel Model = SmallNetworks.TwoLayers();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);
    private static readonly double[][] Rows = Samples.Noise(100, 2, 12);
    private static readonly Matrix<double> Hidden = Matrix<double>.Build.DenseOfRowArrays(Rows.Select(SmallNetworks.HiddenOf));
    private static readonly Matrix<double> Made = Matrix<double>.Build.DenseOfRowArrays(Rows.Select(r => SmallNetworks.OutputOf(r)));

    [Fact]
    public void Reconstruction_scores_what_the_best_fit_without_the_unit_leaves()
    {
        double spread = Made.EnumerateColumns().Sum(c => c.Sum(v => (v - c.Average()) * (v - c.Average())));
        int[] order = [.. Enumerable.Range(0, 3).OrderBy(u => Error([u]))];
        int second = order.Skip(1).MinBy(u => Error([order[0], u]));
        double[] scores = Scores("reconstruction");
        double first = Error([order[0]]) / spread;
        double next = Math.Max(first, (Error([order[0], second]) / spread) - first);
        Assert.Equal(first, scores[order[0]], 1e-3);
        Assert.Equal(next, scores[second], 1e-3);
        Assert.Equal(next, scores[3 - order[0] - second], 1e-3);
    }

    [Fact]
    public void Recovered_measures_the_outputs_with_the_weights_made_up()
    {
        // The layer that reads the units makes the outputs, so that the measured change is the error over their square. Of three units
        // one is 0.25 or 0.5 of them, and two are 0.75 or 0.9.
        double square = Made.Enumerate().Sum(v => v * v);
        int first = Enumerable.Range(0, 3).MinBy(u => Error([u]));
        int second = Enumerable.Range(0, 3).Where(u => u != first).MinBy(u => Error([first, u]));
        double[] scores = Scores("recovered");
        // The weights are made up for, the bias is not measured: what is left is at least the best fit with a free bias.
        Assert.True(scores[first] >= (Error([first]) / square) - 1e-3);
        Assert.True(scores[second] >= scores[first]);
        Assert.All(scores, s => Assert.True(double.IsFinite(s) && s >= 0));
    }

    [Fact]
    public void Thinet_takes_first_what_contributes_least()
    {
        double Contribution(int u) => Hidden.Column(u).Sum(h => h * h) * Enumerable.Range(0, 2).Sum(o => Math.Pow(SmallNetworks.Out[o, u], 2));
        double[] scores = Scores("thinet");
        int first = Enumerable.Range(0, 3).MinBy(Contribution);
        Assert.Equal(scores.Min(), scores[first]);
    }

    [Fact]
    public void Lasso_gives_each_unit_the_penalty_at_which_it_enters()
    {
        // z_u: what unit u contributes to both outputs, one after the other.
        Matrix<double> z = Matrix<double>.Build.Dense(200, 3, (r, u) => Hidden[r % 100, u] * SmallNetworks.Out[r / 100, u]);
        Vector<double> all = z.RowSums();
        Vector<double> pull = (z.Transpose() * all).PointwiseAbs();
        double[] scores = Scores("lasso");
        // Just below the penalty at which all are zero, the one that the target pulls most comes first.
        Assert.InRange(scores.Max(), 0.9, 1);
        Assert.Equal(scores.Max(), scores[pull.MaximumIndex()]);
        Assert.True(scores.Min() < 0.9);
    }

    private static double[] Scores(string name) => ImportanceCriteria.Find(name).Score(new ImportanceContext(Model, Coupling) { Data = Samples.Of(Rows) });

    private static double Error(int[] removed)
    {
        int[] left = [.. Enumerable.Range(0, 3).Where(u => !removed.Contains(u))];
        Matrix<double> x = Matrix<double>.Build.DenseOfColumnVectors(left.Select(Hidden.Column).Append(Vector<double>.Build.Dense(Rows.Length, 1)));
        return (Made - (x * x.QR().Solve(Made))).Enumerate().Sum(e => e * e);
    }
}
