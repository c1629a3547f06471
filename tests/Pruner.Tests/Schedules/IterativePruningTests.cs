using EdgePrune.Onnx;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;
using Pruner.Tests.Importance;

namespace Pruner.Tests.Schedules;

/// <summary>Several cuts against a network computed by hand, and against one cut of the same units.</summary>
public sealed class IterativePruningTests
{
    private const int Width = 5;

    [Fact]
    public void Each_cut_is_scored_on_the_model_that_the_last_one_left()
    {
        // Mean activations of the second layer follow from the units of the first that are left.
        double[][] rows = Samples.Noise(60, 3, 5);
        bool differs = false;
        for (int seed = 0; seed < 4; seed++)
        {
            double[][,] layers = Layers(seed);
            var options = SmallSchedules.Options(0.4, new ScheduleOptions { Kind = PruningScheduleKind.Iterative, Cuts = 4, Spacing = CutSpacing.Linear }) with
            {
                Calibration = Samples.Of(rows),
                Scoring = new ScoringOptions { Criterion = "mean-activation", Normalization = ScoreNormalization.None },
            };
            options = options with { Scoring = options.Scoring with { Data = options.Calibration } };
            ScheduleContext context = SmallSchedules.Context(Build(layers), options);
            ScheduledModel made = IterativePruning.Run(context);
            Assert.True(made.Equivalence.Ok);
            Assert.Equal(4, made.Stages.Count);

            // Units by layer and place, as their making weights name them.
            (int, int) Name(int unit) => context.Coupling.Units[unit].Slices.First(s => s.Role == SliceRole.Output) is var s ? (s.Tensor[1] - '0', s.Indices[0]) : default;
            var gone = new List<(int Layer, int Unit)>();
            for (int cut = 0; cut < 4; cut++)
            {
                gone.Add(Least(layers, rows, gone));
            }

            Assert.Equal(gone.Order(), made.Removed.Select(Name).Order());
            IEnumerable<(int, int)> atOnce = Enumerable.Range(0, 2 * Width).Select(Name).OrderBy(u => Mean(layers, rows, [])[u]).Take(4).Order();
            differs |= !atOnce.SequenceEqual(gone.Order());
        }

        Assert.True(differs, "scores of the cut models chose as the first scores did in every network: the test tells nothing");
    }

    [Fact]
    public void Cuts_one_after_another_are_one_cut_of_all()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        // A constant that one cut folds is part of the bias that the next one reads, so that they add up only where constants are dropped.
        ScheduleContext context = SmallSchedules.Context(model, SmallSchedules.Options(0) with { Constants = ConstantHandling.Drop });
        var shrinking = new ShrinkingModel(context);
        var random = new Random(3);
        var all = new HashSet<int>();
        for (int cut = 0; cut < 3; cut++)
        {
            int[] some = [.. context.Coupling.Groups.SelectMany(g => g.Units.Select(u => u.Id).Where(_ => random.Next(5) == 0).Take(g.Units.Count / 4))];
            all.UnionWith(some);
            shrinking.Cut(some);
        }

        Assert.Equal(all.Order(), shrinking.Removed.Order());
        OnnxModel once = ModelSurgeon.Apply(model, context.Coupling, all, new SurgeryOptions { Constants = ConstantHandling.Drop });
        SmallSchedules.AssertClose(
            SmallSchedules.Run(once, SmallSchedules.DigitsData(50)), SmallSchedules.Run(shrinking.Model, SmallSchedules.DigitsData(50)), 1e-5);
        Assert.Equal(
            once.Graph.Initializer.Select(i => string.Join(',', i.Dims)), shrinking.Model.Graph.Initializer.Select(i => string.Join(',', i.Dims)));
    }

    [Fact]
    public void Shares_of_the_way_are_geometric_or_linear()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        foreach (CutSpacing spacing in Enum.GetValues<CutSpacing>())
        {
            ScheduleContext context = SmallSchedules.Context(model, SmallSchedules.Options(0.5, new ScheduleOptions { Kind = PruningScheduleKind.Iterative, Cuts = 3, Spacing = spacing }));
            int count = context.Coupling.Units.Count;
            double[] gone = spacing == CutSpacing.Linear ? [0.5 / 3, 1.0 / 3, 0.5] : [1 - Math.Pow(0.5, 1.0 / 3), 1 - Math.Pow(0.5, 2.0 / 3), 0.5];
            Assert.Equal(gone.Select(g => (int)Math.Round(g * count)), IterativePruning.Run(context).Stages.Select(s => s.Removed));
        }
    }

    [Fact]
    public void Fitting_and_training_between_the_cuts_win_back_what_they_lost()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        var calibration = new CalibrationData(SmallSchedules.DigitsData(), 40);
        var recovery = new RecoveryOptions { Training = SmallSchedules.DigitsData(), Steps = 10, BatchSize = 32 };
        PruneOptions plain = SmallSchedules.Options(0.6, new ScheduleOptions { Kind = PruningScheduleKind.Iterative, Cuts = 2 }) with
        {
            Calibration = calibration,
            Scoring = new ScoringOptions { Criterion = "random" },
        };
        double Loss(PruneOptions options) => CrossEntropyOf(IterativePruning.Run(SmallSchedules.Context(model, options)).Model);
        double left = Loss(plain);
        double fitted = Loss(plain with { Reconstruction = new ReconstructionOptions() });
        double trained = Loss(plain with { Recovery = recovery });
        Assert.True(fitted < left, $"{fitted} after fitting, {left} before");
        Assert.True(trained < left, $"{trained} after training, {left} before");
        Assert.Equal(trained, Loss(plain with { Recovery = recovery }));
    }

    [Theory]
    [InlineData("lasso")]
    [InlineData("thinet")]
    public void Layer_by_layer_keeps_the_widths_that_were_chosen_and_fits_each_layer(string criterion)
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        var calibration = new CalibrationData(SmallSchedules.DigitsData(), 40);
        PruneOptions options = SmallSchedules.Options(0.5, new ScheduleOptions { Kind = PruningScheduleKind.LayerByLayer }) with
        {
            Calibration = calibration,
            Scoring = new ScoringOptions { Criterion = criterion, Data = calibration },
        };
        ScheduleContext context = SmallSchedules.Context(model, options);
        HashSet<int> single = context.Next(context.Initial, new HashSet<int>(), context.Budget.At(1));
        int[] Widths(IEnumerable<int> units) => [.. context.Coupling.Groups.Select(g => g.Units.Count(u => units.Contains(u.Id)))];
        ScheduledModel plain = IterativePruning.LayerByLayer(context);
        ScheduledModel fitted = IterativePruning.LayerByLayer(context with { Options = options with { Reconstruction = new ReconstructionOptions() } });
        Assert.Equal(Widths(single), Widths(plain.Removed));
        Assert.Equal(Widths(single), Widths(fitted.Removed));
        Assert.Equal(Widths(single).Count(w => w > 0), fitted.Stages.Count);
        Assert.True(CrossEntropyOf(fitted.Model) < CrossEntropyOf(plain.Model));
    }

    [Fact]
    public void Training_on_one_class_or_without_labels_is_refused()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        var data = SmallSchedules.DigitsData();
        int[] zeros = [.. Enumerable.Range(0, data.Count).Where(i => data.Labels![i] == 0)];
        PruneOptions options = SmallSchedules.Options(0.3, null, new RecoveryOptions { Training = data.Subset(zeros), Steps = 1 });
        Assert.Contains("class 0", Assert.Throws<InputException>(() => IterativePruning.Run(SmallSchedules.Context(model, options))).Message);
        CalibrationData unlabelled = Samples.Of(Samples.Noise(20, 64, 1), [1, 8, 8]);
        options = SmallSchedules.Options(0.3, null, new RecoveryOptions { Training = unlabelled.Samples, Steps = 1 });
        Assert.Contains("no labels", Assert.Throws<InputException>(() => IterativePruning.Run(SmallSchedules.Context(model, options))).Message);
    }

    private static double CrossEntropyOf(OnnxModel model)
    {
        var data = SmallSchedules.DigitsData();
        float[] scores = SmallSchedules.Run(model, data);
        int classes = scores.Length / data.Count;
        return Enumerable.Range(0, data.Count).Average(i =>
        {
            double[] row = [.. scores.Skip(i * classes).Take(classes).Select(v => (double)v)];
            return Math.Log(row.Sum(v => Math.Exp(v - row.Max()))) + row.Max() - row[(int)data.Labels![i]];
        });
    }

    // Hidden layers of Width units after 3 inputs, and two outputs, without biases.
    private static double[][,] Layers(int seed)
    {
        var random = new Random(seed);
        return [.. new[] { (Width, 3), (Width, Width), (2, Width) }.Select(d =>
        {
            double[,] w = new double[d.Item1, d.Item2];
            foreach (int i in Enumerable.Range(0, w.Length))
            {
                w[i / d.Item2, i % d.Item2] = (float)((random.NextDouble() * 2) - 1);
            }

            return w;
        })];
    }

    private static OnnxModel Build(double[][,] layers)
    {
        var g = new GraphBuilder();
        string x = g.Input("x", -1, 3);
        for (int l = 0; l < layers.Length; l++)
        {
            x = g.Node("Gemm", [x, g.Initializer(SmallNetworks.Tensor($"w{l}", layers[l]))], ("transB", 1));
            x = l < layers.Length - 1 ? g.Relu(x) : x;
        }

        return g.Output(x).Build();
    }

    private static (int, int) Least(double[][,] layers, double[][] rows, List<(int Layer, int Unit)> gone) =>
        Mean(layers, rows, gone).Where(m => !gone.Contains(m.Key) && gone.Count(g => g.Layer == m.Key.Layer) < Width - 1).MinBy(m => m.Value).Key;

    private static Dictionary<(int Layer, int Unit), double> Mean(double[][,] layers, double[][] rows, List<(int Layer, int Unit)> gone)
    {
        var sums = new Dictionary<(int, int), double>();
        foreach (double[] row in rows)
        {
            double[] x = row;
            for (int l = 0; l < 2; l++)
            {
                double[] from = x;
                x = [.. Enumerable.Range(0, Width).Select(u => gone.Contains((l, u)) ? 0 : Math.Max(0, from.Select((v, i) => v * layers[l][u, i]).Sum()))];
                for (int u = 0; u < Width; u++)
                {
                    sums[(l, u)] = sums.GetValueOrDefault((l, u)) + (x[u] / rows.Length);
                }
            }
        }

        return sums;
    }
}
