using EdgePrune.Onnx;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;
using Pruner.Tests.Importance;
using Pruner.Tests.Schedules;

namespace Pruner.Tests.Recovery;

/// <summary>Units that come back, against every choice tried one by one.</summary>
public sealed class DensificationTests
{
    private const int Units = 6;
    private static readonly double[][] Rows = Samples.Noise(40, 3, 9);

    [Fact]
    public void The_slope_of_a_closed_gate_is_that_of_the_loss()
    {
        OnnxModel model = Network(1);
        CalibrationData data = Labelled(1);
        ScheduleContext context = SmallSchedules.Context(model, SmallSchedules.Options(0.5) with { Calibration = data });
        HashSet<int> gone = [1, 3, 4];
        double[] slopes = GradientRegrowth.Slopes(context, gone);
        foreach (int unit in gone)
        {
            double slope = (Loss(1, data, gone, unit, 5e-3) - Loss(1, data, gone, unit, -5e-3)) / 1e-2;
            Assert.Equal(slope, slopes[unit], 5e-4);
        }

        Assert.All(Enumerable.Range(0, Units).Where(u => !gone.Contains(u)), u => Assert.Equal(0, slopes[u]));
    }

    [Fact]
    public void Units_come_back_in_the_order_of_their_slopes_until_the_budget_is_full()
    {
        OnnxModel model = Network(2);
        CalibrationData data = Labelled(2);
        ScheduleContext context = SmallSchedules.Context(model, SmallSchedules.Options(1.0 / 3) with { Calibration = data });
        HashSet<int> gone = [0, 1, 2, 3, 4];
        // By hand: one at a time, always the steepest descent, while two of six are gone.
        HashSet<int> byHand = [.. gone];
        while (byHand.Count > 2)
        {
            double[] slopes = GradientRegrowth.Slopes(context, byHand);
            int best = byHand.MinBy(u => slopes[u]);
            if (slopes[best] >= 0)
            {
                break;
            }

            byHand.Remove(best);
        }

        HashSet<int> left = GradientRegrowth.Run(context, gone);
        Assert.Equal(byHand.Order(), left.Order());
        Assert.True(Loss(2, data, left) < Loss(2, data, gone));
    }

    [Fact]
    public void A_genetic_search_finds_the_best_of_all_choices()
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            OnnxModel model = Network(seed);
            CalibrationData data = Labelled(seed);
            PruneOptions options = SmallSchedules.Options(0.5) with { Calibration = data };
            ScheduleContext context = SmallSchedules.Context(model, options);
            IReadOnlyList<int> start = context.Choose(context.Initial, context.Bounds, context.Budget.At(1));
            var genetic = new DensificationOptions { Kind = DensificationKind.Genetic, Evaluations = 60, Population = 10, Mutation = 0.4 };
            HashSet<int> found = GeneticRegrowth.Run(context, genetic, context.Initial, start);
            double best = Subsets().Where(s => s.Count >= 3 && s.Count < Units).Min(s => Loss(seed, data, s));
            Assert.Equal(best, Loss(seed, data, found), 1e-6);
            Assert.Equal(found.Order(), GeneticRegrowth.Run(context, genetic, context.Initial, start).Order());
        }
    }

    [Fact]
    public void A_genetic_search_tries_no_more_than_it_may_and_is_never_worse_than_its_start()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        var data = new CalibrationData(SmallSchedules.DigitsData(), 64);
        ScheduleContext context = SmallSchedules.Context(model, SmallSchedules.Options(0.5) with { Calibration = data });
        IReadOnlyList<int> start = context.Choose(context.Initial, context.Bounds, context.Budget.At(1));
        HashSet<int> one = GeneticRegrowth.Run(context, new DensificationOptions { Kind = DensificationKind.Genetic, Evaluations = 1 }, context.Initial, start);
        Assert.Equal(start.Order(), one.Order());
        HashSet<int> found = GeneticRegrowth.Run(context, new DensificationOptions { Kind = DensificationKind.Genetic, Evaluations = 30 }, context.Initial, start);
        Assert.True(found.Count >= (0.5 * context.Coupling.Units.Count) - 1e-9);
        double Of(IEnumerable<int> gone) => CrossEntropy(
            SmallSchedules.Run(ModelSurgeon.Apply(model, context.Coupling, [.. gone], new SurgeryOptions { Constants = ConstantHandling.Drop }), data.Samples), data);
        Assert.True(Of(found) <= Of(start) + 1e-6);
    }

    [Fact]
    public void Without_samples_or_labels_it_is_said_what_is_lacking()
    {
        ScheduleContext context = SmallSchedules.Context(Network(1), SmallSchedules.Options(0.5));
        Assert.Contains("--calibration", Assert.Throws<InputException>(() => GradientRegrowth.Run(context, [0, 1])).Message);
        context = context with { Options = context.Options with { Calibration = Samples.Of(Rows) } };
        Assert.Contains("no labels", Assert.Throws<InputException>(() => GradientRegrowth.Run(context, [0, 1])).Message);
    }

    private static IEnumerable<HashSet<int>> Subsets() =>
        Enumerable.Range(0, 1 << Units).Select(bits => Enumerable.Range(0, Units).Where(u => (bits >> u & 1) != 0).ToHashSet());

    private static (double[,] In, double[,] Out) Weights(int seed)
    {
        var random = new Random(seed);
        double[,] Draw(int rows, int columns)
        {
            double[,] w = new double[rows, columns];
            for (int i = 0; i < w.Length; i++)
            {
                w[i / columns, i % columns] = (float)((random.NextDouble() * 2) - 1);
            }

            return w;
        }

        return (Draw(Units, 3), Draw(3, Units));
    }

    private static OnnxModel Network(int seed)
    {
        (double[,] first, double[,] second) = Weights(seed);
        var g = new GraphBuilder();
        string hidden = g.Relu(g.Node("Gemm", [g.Input("x", -1, 3), g.Initializer(SmallNetworks.Tensor("a", first))], ("transB", 1)));
        return g.Output(g.Node("Gemm", [hidden, g.Initializer(SmallNetworks.Tensor("b", second))], ("transB", 1))).Build();
    }

    // Labels by the whole network itself, but for every fourth sample.
    private static CalibrationData Labelled(int seed)
    {
        (double[,] first, double[,] second) = Weights(seed);
        int Answer(double[] x)
        {
            double[] hidden = [.. Enumerable.Range(0, Units).Select(u => Math.Max(0, x.Select((v, i) => v * first[u, i]).Sum()))];
            return Enumerable.Range(0, 3).MaxBy(o => hidden.Select((h, u) => h * second[o, u]).Sum());
        }

        return Samples.Of(Rows, labels: [.. Rows.Select((row, i) => i % 4 == 0 ? i / 4 % 3 : Answer(row))]);
    }

    private static double Loss(int seed, CalibrationData data, HashSet<int> gone, int unit = -1, double gate = 0)
    {
        (double[,] first, double[,] second) = Weights(seed);
        var input = new EdgePrune.Onnx.Sessions.ModelInput("x", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [-1, 3]);
        using EdgePrune.Training.Data.DatasetBatch batch = data.Samples.Batch(0, data.Count, [input]);
        ReadOnlySpan<float> x = batch.Values["x"].GetTensorDataAsSpan<float>();
        float[] scores = new float[data.Count * 3];
        for (int n = 0; n < data.Count; n++)
        {
            for (int u = 0; u < Units; u++)
            {
                double h = Math.Max(0, (x[n * 3] * first[u, 0]) + (x[(n * 3) + 1] * first[u, 1]) + (x[(n * 3) + 2] * first[u, 2]));
                double m = u == unit ? gate : gone.Contains(u) ? 0 : 1;
                for (int o = 0; o < 3; o++)
                {
                    scores[(n * 3) + o] += (float)(h * m * second[o, u]);
                }
            }
        }

        return CrossEntropy(scores, data);
    }

    private static double CrossEntropy(float[] scores, CalibrationData data)
    {
        int classes = scores.Length / data.Count;
        return Enumerable.Range(0, data.Count).Average(i =>
        {
            double[] row = [.. scores.Skip(i * classes).Take(classes).Select(v => (double)v)];
            return Math.Log(row.Sum(v => Math.Exp(v - row.Max()))) + row.Max() - row[(int)data.Samples.Labels![i]];
        });
    }
}
