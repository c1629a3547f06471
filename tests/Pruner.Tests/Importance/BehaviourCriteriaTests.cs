using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.TestSupport;
using MathNet.Numerics.LinearAlgebra;

namespace Pruner.Tests.Importance;

/// <summary>Criteria on data against loops over the samples, written from their formulas.</summary>
public sealed class BehaviourCriteriaTests
{
    private static readonly OnnxModel Model = SmallNetworks.TwoLayers();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);
    private static readonly double[][] Rows = Samples.Noise(90, 2, 5);
    private static readonly int[] Classes = [.. Rows.Select((_, i) => i % 2)];

    [Fact]
    public void Apoz_is_the_share_of_activations_that_are_not_zero() =>
        AssertClose(Units(u => Rows.Average(x => SmallNetworks.HiddenOf(x)[u] != 0 ? 1.0 : 0)), Scores("apoz"));

    [Fact]
    public void Mean_activation_is_the_mean_of_what_the_next_layer_reads() =>
        AssertClose(Units(u => Rows.Average(x => Math.Abs(SmallNetworks.HiddenOf(x)[u]))), Scores("mean-activation"));

    [Fact]
    public void Wanda_weighs_each_weight_by_the_norm_of_what_it_reads()
    {
        double[] input = [.. Enumerable.Range(0, 2).Select(i => Math.Sqrt(Rows.Average(x => x[i] * x[i])))];
        double[] hidden = Units(u => Math.Sqrt(Rows.Average(x => Math.Pow(SmallNetworks.HiddenOf(x)[u], 2))));
        double makes(int u) => Enumerable.Range(0, 2).Sum(i => Math.Abs(SmallNetworks.Hidden[u, i]) * input[i]);
        double reads(int u) => Enumerable.Range(0, 2).Sum(o => Math.Abs(SmallNetworks.Out[o, u]) * hidden[u]);
        double allMakes = Units(makes).Sum();
        double allReads = Units(reads).Sum();
        AssertClose(Units(u => (makes(u) / allMakes) + (reads(u) / allReads)), Scores("wanda"));
    }

    [Fact]
    public void Wanda_knows_which_channel_a_weight_of_a_grouped_convolution_reads()
    {
        // Two groups of 1×1 kernels: output 0 and 1 read channels 0 and 1, output 2 and 3 read channels 2 and 3.
        var g = new GraphBuilder(seed: 8);
        string hidden = g.Relu(g.Conv(g.Input("x", -1, 2, 3, 3), 2, 4, 1));
        OnnxModel model = g.Output(g.Conv(hidden, 4, 4, 1, group: 2)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        var context = new ImportanceContext(model, coupling) { Data = Samples.Of(Samples.Noise(8, 18, 1), [2, 3, 3]) };
        (IReadOnlyCollection<IActivationObserver> observers, Func<IReadOnlyDictionary<string, float[]>> finish) = WandaImportance.Watch(context);
        ActivationPass.Run(model, coupling.Context.Shapes, context.Data, observers, context.Session, TestContext.Current.CancellationToken);
        LinearLayer grouped = LinearLayer.Of(model.Graph)[1];
        float[] weights = TensorReader.ToFloats(coupling.Context.Index.Constant(grouped.Weights)!);
        float[] scores = finish()[grouped.Weights];
        double[] norms = observers.OfType<ChannelNorms>().Single(n => n.Value == grouped.Data).RootMeans;
        for (int output = 0; output < 4; output++)
        {
            for (int i = 0; i < 2; i++)
            {
                int channel = (output / 2 * 2) + i;
                Assert.Equal(Math.Abs(weights[(output * 2) + i]) * norms[channel], scores[(output * 2) + i], 4);
            }
        }
    }

    [Fact]
    public void Sensitivity_is_the_rise_of_the_cross_entropy_with_the_unit_masked()
    {
        double[] expected = Units(u => Math.Max(0, CrossEntropy(Without(u)) - CrossEntropy(null)));
        AssertClose(expected, Scores("sensitivity", Samples.Of(Rows, labels: Classes)));
        Assert.Contains(expected, e => e > 0);
    }

    [Fact]
    public void Sensitivity_without_labels_is_the_relative_change_of_the_outputs()
    {
        // One batch, as the change is relative to the outputs of a batch.
        double[][] few = Rows[..40];
        AssertClose(Units(u => RelativeChange(few, Without(u))), Scores("sensitivity", Samples.Of(few)));
    }

    [Fact]
    public void Influence_is_the_relative_change_of_the_layers_behind()
    {
        double[][] few = Rows[..40];
        AssertClose(Units(u => RelativeChange(few, Without(u))), Scores("influence", Samples.Of(few)));
    }

    [Fact]
    public void Layer_sensitivity_spreads_the_measured_rise_over_the_units_of_a_share()
    {
        int[] order = [.. Enumerable.Range(0, 3).OrderBy(u => new MagnitudeImportance("l2", 2).Score(new ImportanceContext(Model, Coupling))[u])];
        double Rise(int n)
        {
            double[] gates = [1, 1, 1];
            order[..n].ToList().ForEach(u => gates[u] = 0);
            return Math.Max(0, CrossEntropy(gates) - CrossEntropy(null));
        }

        double one = Rise(1);
        double two = Math.Max(one, Rise(2));
        double[] expected = new double[3];
        expected[order[0]] = one;
        expected[order[1]] = two - one;
        expected[order[2]] = two - one;
        AssertClose(expected, Scores("layer-sensitivity", Samples.Of(Rows, labels: Classes)));
    }

    [Fact]
    public void Jacobian_is_the_norm_of_the_derivative_by_the_gate() => AssertClose(
        Units(u => Math.Sqrt(Rows.Average(x => Enumerable.Range(0, 2).Sum(o => Math.Pow(SmallNetworks.Out[o, u] * SmallNetworks.HiddenOf(x)[u], 2))))),
        Scores("jacobian"),
        1e-3);

    [Fact]
    public void Hrank_counts_the_independent_rows_of_the_maps()
    {
        // Input maps of rank one and two; the channels take the first, the second and their sum.
        var g = new GraphBuilder(seed: 2);
        string x = g.Input("x", -1, 2, 5, 5);
        string maps = g.Node("Conv", [x, g.Initializer(TensorEditor.FromFloats("w", [1, 0, 0, 1, 1, 1], 3, 2, 1, 1))]);
        OnnxModel model = g.Output(g.Conv(maps, 3, 2, 1)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        var random = new Random(3);
        double[][] rows = [.. Enumerable.Range(0, 12).Select(_ => LowRank(random, 5, 5, 1).Concat(LowRank(random, 5, 5, 2)).ToArray())];
        double[] scores = ImportanceCriteria.Find("hrank").Score(new ImportanceContext(model, coupling) { Data = Samples.Of(rows, [2, 5, 5]) });
        Assert.Equal([1, 2, 3], scores);
    }

    [Fact]
    public void Ranks_agree_with_singular_values()
    {
        var random = new Random(7);
        for (int i = 0; i < 60; i++)
        {
            (int rows, int columns) = (random.Next(1, 12), random.Next(1, 12));
            double[] values = LowRank(random, rows, columns, random.Next(0, 6));
            int expected = Matrix<double>.Build.Dense(rows, columns, (r, c) => values[(r * columns) + c]).Svd().S.Count(s => s > 1e-4);
            Assert.Equal(expected, MatrixRank.Of(Array.ConvertAll(values, v => (float)v), rows, columns));
        }
    }

    [Fact]
    public void Criteria_that_share_a_pass_score_as_they_do_alone()
    {
        var context = new ImportanceContext(Model, Coupling) { Data = Samples.Of(Rows) };
        IImportance[] criteria = [.. new[] { "apoz", "wanda", "l1", "mean-activation" }.Select(ImportanceCriteria.Find)];
        IReadOnlyList<double[]> together = ImportanceRun.Score(criteria, context);
        Assert.All(criteria.Zip(together), pair => Assert.Equal(pair.First.Score(context), pair.Second));
    }

    [Fact]
    public void A_model_with_a_fixed_batch_is_run_with_that()
    {
        OnnxModel fixedBatch = SmallNetworks.TwoLayers(batch: 30);
        CouplingResult coupling = CouplingAnalysis.Run(fixedBatch);
        var context = new ImportanceContext(fixedBatch, coupling) { Data = Samples.Of(Rows) };
        AssertClose(Units(u => Rows.Average(x => SmallNetworks.HiddenOf(x)[u])), ImportanceCriteria.Find("mean-activation").Score(context));
    }

    [Fact]
    public void A_criterion_that_needs_data_says_so()
    {
        foreach (IImportance criterion in ImportanceCriteria.All.Where(c => c.Needs != ImportanceNeeds.Weights))
        {
            InputException refused = Assert.Throws<InputException>(() => criterion.Score(new ImportanceContext(Model, Coupling)));
            Assert.Contains($"'{criterion.Name}'", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--calibration", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Maps_are_missing_where_hrank_asks_for_them() => Assert.Contains(
        "'hrank'",
        Assert.Throws<InputException>(() => Scores("hrank")).Message,
        StringComparison.Ordinal);

    private static double[] Scores(string name, CalibrationData? data = null) =>
        ImportanceCriteria.Find(name).Score(new ImportanceContext(Model, Coupling) { Data = data ?? Samples.Of(Rows) });

    private static double[] Units(Func<int, double> of) => [.. Enumerable.Range(0, 3).Select(of)];

    private static double[] Without(int unit) => [.. Enumerable.Range(0, 3).Select(u => u == unit ? 0.0 : 1)];

    private static double CrossEntropy(double[]? gates) => Rows.Zip(Classes).Average(s =>
    {
        double[] y = SmallNetworks.OutputOf(s.First, gates);
        return Math.Log(Math.Exp(y[0]) + Math.Exp(y[1])) - y[s.Second];
    });

    private static double RelativeChange(double[][] rows, double[] gates)
    {
        double changed = rows.Sum(x => SmallNetworks.OutputOf(x, gates).Zip(SmallNetworks.OutputOf(x), (a, b) => (a - b) * (a - b)).Sum());
        return changed / rows.Sum(x => SmallNetworks.OutputOf(x).Sum(y => y * y));
    }

    // Small integers: rounding must not count as rank.
    private static double[] LowRank(Random random, int rows, int columns, int rank)
    {
        double[] values = new double[rows * columns];
        for (int k = 0; k < rank; k++)
        {
            double[] a = [.. Enumerable.Range(0, rows).Select(_ => (double)random.Next(1, 9))];
            double[] b = [.. Enumerable.Range(0, columns).Select(_ => (double)random.Next(-8, 9))];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += a[i / columns] * b[i % columns];
            }
        }

        return values;
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.True(Math.Abs(p.First - p.Second) <= tolerance * Math.Max(1, Math.Abs(p.First)), $"{p.First} expected, {p.Second} found"));
    }
}
