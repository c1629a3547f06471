using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Importance;

/// <summary>Criteria that follow gradients, against finite differences of the loss written out by hand in double.</summary>
public sealed class GradientCriteriaTests
{
    private static readonly OnnxModel Model = SmallNetworks.TwoLayers();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);
    private static readonly double[][] Rows = Samples.Noise(64, 2, 9);
    private static readonly int[] Classes = [.. Rows.Select((x, i) => x[0] + (0.3 * i % 1) > 0.2 ? 1 : 0)];

    // All weights in a row: hidden 0..5 (row-major), out 6..11 (row-major).
    private static readonly double[] Weights = [.. SmallNetworks.Hidden.Cast<double>(), .. SmallNetworks.Out.Cast<double>()];

    [Fact]
    public void Taylor_sums_gradient_times_weight_over_the_weights_of_the_unit()
    {
        double[] g = Gradient(Weights);
        AssertClose(Units(u => Own(u).Sum(i => Math.Abs(g[i] * Weights[i]))), Scores("taylor"));
    }

    [Fact]
    public void The_magnitude_of_the_gradient_leaves_the_weight_out()
    {
        double[] g = Gradient(Weights);
        AssertClose(Units(u => Own(u).Sum(i => Math.Abs(g[i]))), Scores("gradient"));
    }

    [Fact]
    public void Snip_gives_shares_of_the_whole()
    {
        double[] g = Gradient(Weights);
        double all = Enumerable.Range(0, 12).Sum(i => Math.Abs(g[i] * Weights[i]));
        AssertClose(Units(u => Own(u).Sum(i => Math.Abs(g[i] * Weights[i])) / all), Scores("snip"));
    }

    [Fact]
    public void The_gate_form_of_taylor_is_the_derivative_by_a_gate_batch_by_batch() => AssertClose(
        Units(u => new[] { 0, 32 }.Average(start => Math.Abs(GateDerivative(u, Enumerable.Range(start, 32))))), Scores("taylor-gate"));

    [Fact]
    public void Fisher_is_half_the_mean_square_of_each_samples_derivative() => AssertClose(
        Units(u => 0.5 * Enumerable.Range(0, 64).Average(i => Math.Pow(GateDerivative(u, [i]), 2))), Scores("fisher"));

    [Fact]
    public void Brain_damage_comes_to_half_the_curvature_times_the_squared_weight()
    {
        double[] h = [.. Enumerable.Range(0, 12).Select(i => (Loss(Moved(i, 1e-3)) - (2 * Loss(Weights)) + Loss(Moved(i, -1e-3))) / 1e-6)];
        double[] expected = Units(u => Own(u).Sum(i => 0.5 * h[i] * Weights[i] * Weights[i]));
        Assert.All(expected, e => Assert.True(e > 0));

        // Four probes of random signs scatter; their mean over many seeds does not.
        CalibrationData data = Samples.Of(Rows, labels: Classes);
        double[] mean = new double[3];
        const int Seeds = 60;
        for (int seed = 0; seed < Seeds; seed++)
        {
            double[] scores = ImportanceCriteria.Find("obd").Score(new ImportanceContext(Model, Coupling) { Data = data, Seed = seed });
            mean = [.. mean.Zip(scores, (m, s) => m + (s / Seeds))];
        }

        Assert.All(expected.Zip(mean), p => Assert.True(Math.Abs(p.First - p.Second) < 0.25 * expected.Max(), $"{p.First} expected, {p.Second} found"));
        Assert.Equal(Array.IndexOf(expected, expected.Max()), Array.IndexOf(mean, mean.Max()));
    }

    [Fact]
    public void Grasp_is_the_weight_times_the_hessian_along_the_gradient()
    {
        double[] g = Gradient(Weights);
        double[] Along(double step) => Gradient([.. Weights.Zip(g, (w, d) => w + (step * d))]);
        double[] hg = [.. Along(1e-4).Zip(Along(-1e-4), (a, b) => (a - b) / 2e-4)];
        double[] flow = Units(u => Own(u).Sum(i => Weights[i] * hg[i]));
        AssertClose([.. flow.Select(f => f - flow.Min())], Scores("grasp"), 1e-3);
    }

    [Fact]
    public void Synflow_multiplies_absolute_weights_along_every_path()
    {
        double rowsA = Enumerable.Range(0, 3).Max(u => Enumerable.Range(0, 2).Sum(i => Math.Abs(SmallNetworks.Hidden[u, i])));
        double rowsB = Enumerable.Range(0, 2).Max(o => Enumerable.Range(0, 3).Sum(u => Math.Abs(SmallNetworks.Out[o, u])));
        double[] expected = Units(u =>
            2 * Enumerable.Range(0, 2).Sum(i => Math.Abs(SmallNetworks.Hidden[u, i])) * Enumerable.Range(0, 2).Sum(o => Math.Abs(SmallNetworks.Out[o, u])) / (rowsA * rowsB));
        AssertClose(expected, ImportanceCriteria.Find("synflow").Score(new ImportanceContext(Model, Coupling)));
    }

    [Fact]
    public void Without_labels_the_squared_outputs_take_the_place_of_the_loss()
    {
        double[] g = Gradient(Weights, Squared);
        AssertClose(Units(u => Own(u).Sum(i => Math.Abs(g[i] * Weights[i]))), Scores("taylor", Samples.Of(Rows)));
    }

    [Fact]
    public void Data_of_one_class_are_refused()
    {
        InputException refused = Assert.Throws<InputException>(() => Scores("taylor", Samples.Of(Rows, labels: new int[64])));
        Assert.Contains("all 64 samples are of class 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_graph_without_gradient_rules_is_refused_with_criteria_that_need_none()
    {
        var g = new GraphBuilder(seed: 2);
        string y = g.Linear(g.Relu(g.Linear(g.Input("x", -1, 2), 2, 4)), 4, 2);
        OnnxModel model = g.Output(g.Node("Add", [g.Node("Hardmax", [y], ("axis", 1)), y])).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        foreach (string name in new[] { "taylor", "taylor-gate", "obd", "grasp" })
        {
            InputException refused = Assert.Throws<InputException>(
                () => ImportanceCriteria.Find(name).Score(new ImportanceContext(model, coupling) { Data = Samples.Of(Rows, labels: Classes) }));
            Assert.Contains($"'{name}' needs gradients", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Hardmax", refused.Message, StringComparison.Ordinal);
        }
    }

    private static double[] Scores(string name, CalibrationData? data = null) =>
        ImportanceCriteria.Find(name).Score(new ImportanceContext(Model, Coupling) { Data = data ?? Samples.Of(Rows, labels: Classes) });

    private static double[] Units(Func<int, double> of) => [.. Enumerable.Range(0, 3).Select(of)];

    // Row u of the hidden layer, column u of the last one.
    private static int[] Own(int u) => [2 * u, (2 * u) + 1, 6 + u, 9 + u];

    private static double[] Moved(int i, double by) => [.. Weights.Select((w, j) => j == i ? w + by : w)];

    private static double[] Forward(double[] w, double[] x, double[]? gates = null)
    {
        double[] h = [.. Enumerable.Range(0, 3).Select(u => Math.Max(0, SmallNetworks.HiddenBias[u] + (w[2 * u] * x[0]) + (w[(2 * u) + 1] * x[1])) * (gates?[u] ?? 1))];
        return [.. Enumerable.Range(0, 2).Select(o => SmallNetworks.OutBias[o] + Enumerable.Range(0, 3).Sum(u => w[6 + (3 * o) + u] * h[u]))];
    }

    private static double CrossEntropy(double[] y, int label) => Math.Log(Math.Exp(y[0]) + Math.Exp(y[1])) - y[label];

    private static double Loss(double[] w) => Rows.Zip(Classes).Average(s => CrossEntropy(Forward(w, s.First), s.Second));

    private static double Squared(double[] w) => Rows.Average(x => 0.5 * Forward(w, x).Sum(y => y * y));

    private static double[] Gradient(double[] w, Func<double[], double>? loss = null)
    {
        loss ??= Loss;
        return [.. Enumerable.Range(0, w.Length).Select(i =>
        {
            double[] up = [.. w];
            double[] down = [.. w];
            up[i] += 1e-6;
            down[i] -= 1e-6;
            return (loss(up) - loss(down)) / 2e-6;
        })];
    }

    private static double GateDerivative(int unit, IEnumerable<int> samples)
    {
        double At(double gate) => samples.Average(i =>
            CrossEntropy(Forward(Weights, Rows[i], [.. Enumerable.Range(0, 3).Select(u => u == unit ? gate : 1)]), Classes[i]));
        return (At(1 + 1e-6) - At(1 - 1e-6)) / 2e-6;
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-4)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.True(Math.Abs(p.First - p.Second) <= tolerance * Math.Max(1, Math.Abs(p.First)), $"{p.First} expected, {p.Second} found"));
    }
}
