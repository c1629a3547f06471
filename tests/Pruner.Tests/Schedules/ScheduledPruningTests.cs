using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Pruner.Surgery;

namespace Pruner.Tests.Schedules;

/// <summary>Schedules on the whole way, with a budget of counted costs.</summary>
public sealed class ScheduledPruningTests
{
    private static readonly OnnxModel Model = SmallSchedules.DigitsModel();

    [Fact]
    public void Cuts_fitting_training_and_sparsity_go_together_and_zeros_stay()
    {
        PruneOptions options = Options(new ScheduleOptions { Kind = PruningScheduleKind.Iterative, Cuts = 2 }) with
        {
            Reconstruction = new ReconstructionOptions(),
            Sparsity = new SparsityOptions { Pattern = SparsityPattern.Parse("2:4") },
        };
        PruneResult result = Pruning.Run(Model, options, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(2, result.Stages.Count);
        Assert.NotEmpty(result.Reconstruction!.Layers);
        Assert.True(result.Meets(options.Budget) || result.IsWorse);
        Assert.InRange(result.Budget.Share(CostMetric.Macs), 0.3, 0.5 + 1e-9);
        var index = new GraphIndex(result.Model.Graph);
        foreach (WeightMask mask in result.Sparsity!.Masks)
        {
            float[] values = TensorReader.ToFloats(index.Initializer(mask.Tensor)!);
            Assert.All(mask.Read(values.Length).Zip(values), p => Assert.True(!p.First || p.Second == 0));
        }

        AssertPlanned(result);
    }

    [Theory]
    [InlineData(DensificationKind.Gradient)]
    [InlineData(DensificationKind.Genetic)]
    public void Units_come_back_within_the_budget(DensificationKind kind)
    {
        var densify = new DensificationOptions { Kind = kind, Evaluations = 20, Population = 6 };
        PruneOptions options = Options(new ScheduleOptions()) with { Densification = densify, Recovery = null };
        ScheduleContext context = SmallSchedules.Context(Model, options);
        ScheduledModel made = ScheduledPruning.Run(context);
        Assert.True(made.Equivalence.Ok);
        Assert.InRange(SmallSchedules.MacsLeft(Model, made.Removed), 0.2, 0.5 + 1e-9);
        Assert.NotEmpty(made.Removed);
    }

    [Fact]
    public void What_a_penalty_drove_to_zero_goes_and_the_plan_is_of_the_model_that_was_given()
    {
        var schedule = new ScheduleOptions { Kind = PruningScheduleKind.GroupLasso, Steps = 10, Factor = 2e-2, Threshold = 0.3 };
        PruneOptions options = Options(schedule) with { Budget = BudgetRequest.Remove(0) };
        options = options with { Recovery = options.Recovery! with { LearningRate = 0.05, Steps = 0 } };
        PruneResult result = Pruning.Run(Model, options, cancel: TestContext.Current.CancellationToken);
        PreparedModel prepared = SchedulePreparation.Run(Model, options, TestContext.Current.CancellationToken);
        Assert.NotEmpty(result.Plan.Units);
        Assert.Subset(prepared.Weak.ToHashSet(), result.Plan.Units.Select(u => u.Unit).ToHashSet());
        Assert.Equal(PruningPlan.Digest(Model), result.Plan.ModelDigest);
        AssertPlanned(result);
    }

    [Fact]
    public void What_does_not_go_together_is_refused_before_anything_is_measured()
    {
        PruneOptions options = Options(new ScheduleOptions { Kind = PruningScheduleKind.Gradual, Steps = 4 });
        Assert.Contains("single cut", Refused(options with { Densification = new DensificationOptions() }));
        Assert.Contains("transfer first", Refused(options with { Transfer = new TransferOptions { Order = TransferOrder.PruneFirst } }));
        Assert.Contains("target", Refused(Options(new ScheduleOptions()) with { Transfer = new TransferOptions(), Recovery = null }));
        string Refused(PruneOptions wrong) => Assert.Throws<InputException>(() => Pruning.Run(Model, wrong, cancel: TestContext.Current.CancellationToken)).Message;
    }

    private static PruneOptions Options(ScheduleOptions schedule) =>
        SmallSchedules.Options(0, schedule, new RecoveryOptions { Training = SmallSchedules.DigitsData(160), Steps = 4, BatchSize = 32 }) with
        {
            Budget = BudgetRequest.AtMost(CostMetric.Macs, 0.5),
            Calibration = new CalibrationData(SmallSchedules.DigitsData(160), 100),
            CostStore = DigitsCosts.Copy(),
            SweepBudget = new Seconds(0.1),
            CompareBudget = new Seconds(0.1),
        };

    // The plan alone makes of the original a model of the same shapes.
    private static void AssertPlanned(PruneResult result) => Assert.Equal(
        ModelSurgeon.Apply(Model, result.Plan).Graph.Initializer.Where(i => i.Dims.Count > 1).Select(i => (i.Name, string.Join(',', i.Dims))),
        result.Model.Graph.Initializer.Where(i => i.Dims.Count > 1).Select(i => (i.Name, string.Join(',', i.Dims))));
}
