using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.TestSupport;
using MathNet.Numerics.LinearAlgebra;
using Pruner.Tests.Importance;

namespace Pruner.Tests.Sparsity;

/// <summary>Masks of single weights against their definitions, written as loops.</summary>
public sealed class SparsifierTests
{
    private static readonly OnnxModel Model = SmallNetworks.TwoLayers();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);
    private static readonly double[][] Rows = Samples.Noise(64, 2, 9);

    [Fact]
    public void A_threshold_takes_every_smaller_weight()
    {
        SparsityResult result = Run("<1");
        Assert.Equal([1, -2, 0, 0, -3, 1], Values(result, "a"));
        Assert.Equal([2, -1, 0, 1, 3, -2], Values(result, "b"));
        Assert.Equal(3, result.Zeros);
        Assert.Equal(12, result.Weights);
    }

    [Fact]
    public void A_share_is_taken_of_each_layer_or_of_all_together()
    {
        Assert.Equal(3, Values(Run("50%"), "a").Count(v => v == 0));
        Assert.Equal(3, Values(Run("50%"), "b").Count(v => v == 0));
        SparsityResult global = Run("25%", isGlobal: true);
        // 0.25 and 0.5 in the first, 0.5 in the second: the three smallest of twelve.
        Assert.Equal([1, -2, 0, 0, -3, 1], Values(global, "a"));
        Assert.Equal([2, -1, 0, 1, 3, -2], Values(global, "b"));
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 8)]
    [InlineData(1, 3)]
    public void Of_each_m_inputs_in_a_row_the_largest_n_stay_at_every_place_of_the_kernel(int keep, int of)
    {
        var g = new GraphBuilder(seed: 5);
        OnnxModel model = g.Output(g.Conv(g.Input("x", 1, 11, 4, 4), 11, 3)).Build();
        float[] before = TensorReader.ToFloats(model.Graph.Initializer[0]);
        SparsityResult result = WeightSparsifier.Run(
            new ImportanceContext(model, CouplingAnalysis.Run(model)), new SparsityOptions { Pattern = SparsityPattern.Parse($"{keep}:{of}") });
        float[] after = TensorReader.ToFloats(result.Model.Graph.Initializer[0]);
        for (int o = 0; o < 3; o++)
        {
            for (int k = 0; k < 9; k++)
            {
                for (int first = 0; first < 11; first += of)
                {
                    int[] places = [.. Enumerable.Range(first, Math.Min(of, 11 - first)).Select(i => (((o * 11) + i) * 9) + k)];
                    int[] kept = first + of <= 11 ? [.. places.OrderByDescending(p => Math.Abs(before[p])).Take(keep)] : places;
                    Assert.All(places, p => Assert.Equal(kept.Contains(p) ? before[p] : 0, after[p]));
                }
            }
        }
    }

    [Fact]
    public void Blocks_go_as_a_whole_by_their_mean()
    {
        var g = new GraphBuilder(seed: 7);
        OnnxModel model = g.Output(g.Linear(g.Input("x", 1, 6), 6, 8)).Build();
        float[] before = TensorReader.ToFloats(model.Graph.Initializer[0]);
        SparsityResult result = WeightSparsifier.Run(
            new ImportanceContext(model, CouplingAnalysis.Run(model)), new SparsityOptions { Pattern = SparsityPattern.Parse("4x2:50%") });
        float[] after = TensorReader.ToFloats(result.Model.Graph.Initializer[0]);
        int[][] blocks = [.. from r in new[] { 0, 4 } from c in new[] { 0, 2, 4 } select (from i in Enumerable.Range(r, 4) from j in Enumerable.Range(c, 2) select (i * 6) + j).ToArray()];
        int[][] gone = [.. blocks.OrderBy(b => b.Average(p => Math.Abs(before[p]))).Take(3)];
        Assert.All(Enumerable.Range(0, 48), p => Assert.Equal(gone.Any(b => b.Contains(p)) ? 0 : before[p], after[p]));
    }

    [Fact]
    public void Wanda_compares_the_weights_of_a_row_by_what_they_read()
    {
        double[] norms = [.. Enumerable.Range(0, 3).Select(u => Math.Sqrt(Rows.Average(x => Math.Pow(SmallNetworks.HiddenOf(x)[u], 2))))];
        float[] after = Values(Run("34%", SparsityMethod.Wanda), "b");
        for (int o = 0; o < 2; o++)
        {
            int least = Enumerable.Range(0, 3).MinBy(u => Math.Abs(SmallNetworks.Out[o, u]) * norms[u]);
            Assert.All(Enumerable.Range(0, 3), u => Assert.Equal(u == least ? 0 : (float)SmallNetworks.Out[o, u], after[(3 * o) + u]));
        }
    }

    [Fact]
    public void Lamp_makes_layers_comparable()
    {
        // Each square over the sum of those at least as large, written out.
        float[] w = [0.5f, -2, 1, 0.1f];
        double[] expected = [.. w.Select(v => v * v / w.Where(o => Math.Abs(o) >= Math.Abs(v)).Sum(o => (double)o * o))];
        Assert.All(expected.Zip(WeightWorth.Lamp(w)), p => Assert.Equal(p.First, p.Second, 5));
    }

    [Theory]
    [InlineData(SparsityMethod.WeightGradient)]
    [InlineData(SparsityMethod.Gradient)]
    public void Gradients_say_which_weights_the_loss_needs(SparsityMethod method)
    {
        var context = new ImportanceContext(Model, Coupling) { Data = Samples.Of(Rows, labels: [.. Rows.Select((_, i) => i % 2)]) };
        GradientImportance criterion = method == SparsityMethod.Gradient ? new GradientMagnitudeImportance() : new TaylorImportance();
        IReadOnlyDictionary<string, float[]> worth = criterion.Elements(context, ["a", "b"]);
        SparsityResult result = WeightSparsifier.Run(context, new SparsityOptions { Pattern = SparsityPattern.Parse("50%"), Method = method });
        foreach (string tensor in new[] { "a", "b" })
        {
            float[] own = worth[tensor];
            HashSet<int> gone = [.. Enumerable.Range(0, 6).OrderBy(i => own[i]).Take(3)];
            float[] after = Values(result, tensor);
            Assert.All(Enumerable.Range(0, 6), i => Assert.Equal(gone.Contains(i), after[i] == 0));
        }
    }

    [Fact]
    public void The_surgeon_makes_up_for_a_weight_by_the_best_fit_of_the_later_ones()
    {
        // One row and one weight that goes: what it leaves is the least squares of the columns behind it, held back by the same ridge.
        Matrix<double> x = Noise(50, 4);
        NormalEquations equations = Equations(x);
        var g = new GraphBuilder(seed: 1);
        OnnxModel model = g.Output(g.Linear(g.Input("x", 1, 4), 4, 1)).Build();
        var layer = EdgePrune.Pruner.Calibration.LinearLayer.Of(model.Graph)[0];
        double[,] rows = { { 0.01, 1, -0.5, 0.7, 0.2 } };
        bool[,] gone = SurgeonSweep.Run(layer, equations, rows, new SparsityPattern(0.25));
        Assert.True(gone[0, 0]);
        double lambda = 0.01 * x.Enumerate().Sum(v => v * v) / 4;
        Matrix<double> h = (x.Transpose() * x) + (lambda * Matrix<double>.Build.DenseIdentity(4));
        // H restricted to the later columns times the move equals H's first column there times the weight.
        Vector<double> moved = h.SubMatrix(1, 3, 1, 3).Solve(h.SubMatrix(1, 3, 0, 1).Column(0) * 0.01);
        double[] was = [1, -0.5, 0.7];
        for (int c = 0; c < 3; c++)
        {
            Assert.Equal(was[c] + moved[c], rows[0, c + 1], 6);
        }
    }

    [Theory]
    [InlineData("50%")]
    [InlineData("2:4")]
    public void The_surgeon_leaves_less_error_than_magnitude_at_the_same_zeros(string pattern)
    {
        var g = new GraphBuilder(seed: 3);
        string x = g.Input("x", -1, 4, 6, 6);
        OnnxModel model = g.Output(g.Conv(g.Relu(g.Conv(x, 4, 16)), 16, 8)).Build();
        var context = new ImportanceContext(model, CouplingAnalysis.Run(model)) { Data = Samples.Of(Samples.Noise(60, 144, 2), [4, 6, 6]) };
        var options = new SparsityOptions { Pattern = SparsityPattern.Parse(pattern), Protected = ["w1"] };
        SparsityResult plain = WeightSparsifier.Run(context, options);
        SparsityResult surgeon = WeightSparsifier.Run(context, options with { Method = SparsityMethod.Obs });
        Assert.Equal(plain.Zeros, surgeon.Zeros);
        Assert.True(Change(model, surgeon.Model, context) < 0.8 * Change(model, plain.Model, context));
        if (pattern == "2:4")
        {
            foreach (var tensor in surgeon.Model.Graph.Initializer.Where(t => t.Dims.Count == 4))
            {
                float[] w = TensorReader.ToFloats(tensor);
                int inputs = (int)tensor.Dims[1];
                Assert.All(
                    from o in Enumerable.Range(0, (int)tensor.Dims[0]) from k in Enumerable.Range(0, 9) from i in Enumerable.Range(0, inputs / 4) select (o, k, i),
                    p => Assert.True(Enumerable.Range(4 * p.i, 4).Count(i => w[(((p.o * inputs) + i) * 9) + p.k] == 0) is 2 or 0));
            }
        }
    }

    [Theory]
    [InlineData("0%")]
    [InlineData("100%")]
    [InlineData("4:4")]
    [InlineData("half")]
    [InlineData("4x0:50%")]
    [InlineData("<0")]
    public void What_is_no_pattern_is_refused_with_those_there_are(string text) =>
        Assert.Contains("2:4", Assert.Throws<InputException>(() => SparsityPattern.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Everything_protected_is_refused() => Assert.Contains(
        "every layer with weights is protected",
        Assert.Throws<InputException>(() => WeightSparsifier.Run(
            new ImportanceContext(Model, Coupling), new SparsityOptions { Pattern = SparsityPattern.Parse("50%"), Protected = ["*"] })).Message,
        StringComparison.Ordinal);

    [Fact]
    public void The_surgeon_needs_samples_and_says_so() => Assert.Contains(
        "'obs'",
        Assert.Throws<InputException>(() => WeightSparsifier.Run(
            new ImportanceContext(Model, Coupling), new SparsityOptions { Pattern = SparsityPattern.Parse("50%"), Method = SparsityMethod.Obs })).Message,
        StringComparison.Ordinal);

    private static SparsityResult Run(string pattern, SparsityMethod method = SparsityMethod.Magnitude, bool isGlobal = false) => WeightSparsifier.Run(
        new ImportanceContext(Model, Coupling) { Data = Samples.Of(Rows) },
        new SparsityOptions { Pattern = SparsityPattern.Parse(pattern), Method = method, IsGlobal = isGlobal });

    private static float[] Values(SparsityResult result, string tensor) => TensorReader.ToFloats(result.Model.Graph.Initializer.Single(i => i.Name == tensor));

    private static double Change(OnnxModel was, OnnxModel now, ImportanceContext context) =>
        new OutputChange(context, context.Data!).Of([.. now.Graph.Initializer], [was.Graph.Input[0].Name]);

    private static Matrix<double> Noise(int rows, int columns)
    {
        var random = new Random(3);
        return Matrix<double>.Build.Dense(rows, columns, (_, _) => (float)(random.NextDouble() - 0.4));
    }

    private static NormalEquations Equations(Matrix<double> x)
    {
        var equations = new NormalEquations(x.ColumnCount, 0);
        for (int row = 0; row < x.RowCount; row++)
        {
            equations.Next(out Span<float> values, out _);
            for (int i = 0; i < x.ColumnCount; i++)
            {
                values[i] = (float)x[row, i];
            }
        }

        equations.Flush(null);
        return equations;
    }
}
