using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Documents;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Knowledge;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace Pruner.Tests;

/// <summary>The whole way on real models and this machine's own costs.</summary>
public sealed class PruningTests
{
    [Theory]
    [InlineData("cifar10/resnet8_cifar10.onnx")]
    [InlineData("kws/kws_dscnn.onnx")]
    public void A_real_model_pruned_to_seventy_percent_of_its_energy_is_not_slower(string relative)
    {
        OnnxModel model = SharedModels.Load(relative);
        var options = new PruneOptions
        {
            Budget = BudgetRequest.AtMost(CostMetric.Energy, 0.7),
            Device = Device.Load("host"),
            SweepBudget = new Seconds(10),
            CompareBudget = new Seconds(1),
        };
        PruneResult result = Pruning.Run(model, options, cancel: TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"predicted {result.PredictedLatency * 1e3:F3} ms, measured {result.Comparison.Second.Latency.Median.Median * 1e3:F3} ms of {result.Comparison.First.Latency.Median.Median * 1e3:F3} ms");
        Assert.NotEmpty(result.Plan.Units);
        Assert.True(result.Equivalence.Ok, result.Equivalence.ToString());
        Assert.False(result.IsWorse);
    }

    [Fact]
    public void What_a_table_takes_for_impossible_is_measured_before_it_is_refused()
    {
        OnnxModel model = OnnxModel.Load(Path.Combine(Repository.Root, "samples", "digits", "digits.onnx"));
        var sweep = new SweepOptions { Device = Device.Load("host"), Budget = new Seconds(3), Store = DigitsCosts.Copy() };
        CostTableDocument honest = CostTableDocument.Of(CostSweep.Run(model, new BlockResizer(CouplingAnalysis.Run(model)), sweep, cancel: TestContext.Current.CancellationToken), sweep, model);
        // Every width of a layer costs nearly what its full width does.
        CostTableDocument wrong = honest with
        {
            Surfaces = honest.Surfaces.ToDictionary(s => s.Key, s => s.Value with { Grids = s.Value.Grids.ToDictionary(g => g.Key, g => Flat(g.Value, s.Value.Grids.Values.Max(all => all.Points.Max(point => point[0])))) }),
        };
        var options = new PruneOptions { Budget = BudgetRequest.AtMost(CostMetric.Latency, 0.7), Device = sweep.Device, Knowledge = new KnowledgeOptions { Costs = wrong }, CompareBudget = new Seconds(0.5) };

        PruneResult result = Pruning.Run(model, options, cancel: TestContext.Current.CancellationToken);

        Assert.True(result.Meets(options.Budget), $"{result.MeasuredShare(CostMetric.Latency)}");
        Assert.True(result.Budget.TableShare(CostMetric.Latency) > 0.8);
        InputException refused = Assert.Throws<InputException>(
            () => Pruning.Run(model, options with { Budget = BudgetRequest.AtMost(CostMetric.Latency, 0.001) }, cancel: TestContext.Current.CancellationToken));
        Assert.Contains("was cut and measured", refused.Message, StringComparison.Ordinal);

        static CostGridDocument Flat(CostGridDocument grid, double most) => grid with { Points = [.. grid.Points.Select(p => (double[])[p[0] + (9 * most), .. p.Skip(1)])] };
    }

    [Fact]
    public void What_is_left_is_fitted_and_made_sparse_and_protected_layers_stay()
    {
        string folder = Path.Combine(Repository.Root, "samples", "digits");
        OnnxModel model = OnnxModel.Load(Path.Combine(folder, "digits.onnx"));
        var data = new CalibrationData(Dataset.Load(Path.Combine(folder, "train.npz")), 200);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        UnitGroup spared = coupling.Groups[0];
        string layer = spared.Units[0].Slices.First(s => s.Role == SliceRole.Output).Tensor;
        var options = new PruneOptions
        {
            Budget = BudgetRequest.Remove(0.3),
            Device = Device.Load("host"),
            Scoring = new ScoringOptions { Criterion = "reconstruction", Data = data },
            Layers = [LayerRule.Protect(layer)],
            Reconstruction = new ReconstructionOptions(),
            Sparsity = new SparsityOptions { Pattern = SparsityPattern.Parse("2:4"), Method = SparsityMethod.Obs },
            Calibration = data,
            CostStore = DigitsCosts.Copy(),
            SweepBudget = new Seconds(1),
            CompareBudget = new Seconds(0.5),
        };
        PruneResult result = Pruning.Run(model, options, cancel: TestContext.Current.CancellationToken);
        Assert.True(result.Equivalence.Ok);
        Assert.NotEmpty(result.Plan.Units);
        Assert.DoesNotContain(result.Plan.Units, u => u.Group == spared.Id);
        Assert.NotEmpty(result.Reconstruction!.Layers);
        Assert.All(result.Reconstruction.Layers, l => Assert.True(l.After <= l.Before));
        Assert.InRange(result.Sparsity!.Share, 0.3, 0.5);
        using ModelSession session = ModelSession.Create(result.Model);
        Assert.InRange(Evaluator.Run(session.Session, data.Samples, cancellation: TestContext.Current.CancellationToken).Accuracy, 0.7, 1);
        Assert.Throws<InputException>(() => Pruning.Run(model, options with { Calibration = null }, cancel: TestContext.Current.CancellationToken));
    }
}
