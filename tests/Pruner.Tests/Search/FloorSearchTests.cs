using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Search;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace Pruner.Tests.Search;

public sealed class FloorSearchTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "samples", "digits");
    private static readonly OnnxModel Model = OnnxModel.Load(Path.Combine(Folder, "digits.onnx"));
    private static readonly Dataset Held = Dataset.Load(Path.Combine(Folder, "train.npz")).Shuffle(1).Take(300);

    [Fact]
    public void The_cheapest_model_that_keeps_the_accuracy_is_handed_out_and_a_little_cheaper_one_does_not_keep_it()
    {
        PruneResult result = Pruning.Run(Model, Options(new AccuracyFloor(0.02, IsDrop: true), BudgetRequest.AtMost(CostMetric.Macs, 1)), cancel: TestContext.Current.CancellationToken);
        FloorResult floor = result.Floor!;
        Assert.True(result.Equivalence.Ok);
        Assert.Equal(floor.Before * 0.98, floor.Least, 9);
        Assert.True(floor.After >= floor.Least);
        Assert.Equal(floor.After, Accuracy(result.Model)); // the very model that was judged
        Assert.True(result.Budget.Share(CostMetric.Macs) < 0.95);
        // All that were tried above it keep the accuracy, and the nearest below does not.
        FloorTrial chosen = floor.Trials.First(t => t.Accuracy == floor.After && t.Predicted == result.Budget.Share(CostMetric.Macs));
        Assert.All(floor.Trials.Where(t => t.Accuracy < floor.Least), t => Assert.True(t.Share < chosen.Share));
    }

    [Fact]
    public void A_floor_that_no_model_within_the_limits_keeps_is_refused_with_the_nearest_that_can_be_had()
    {
        InputException refused = Assert.Throws<InputException>(() => Pruning.Run(
            Model,
            Options(new AccuracyFloor(0.001, IsDrop: true), BudgetRequest.AtMost(CostMetric.Macs, 0.1)) with { Scoring = new ScoringOptions { Criterion = "random" } }, // the best tenth loses nothing
            cancel: TestContext.Current.CancellationToken));
        Assert.Contains("no model keeps both", refused.Message, StringComparison.Ordinal);
        Assert.Contains("The nearest that can be had", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_floor_above_the_original_or_without_samples_of_two_classes_is_refused()
    {
        BudgetRequest any = BudgetRequest.AtMost(CostMetric.Macs, 1);
        Dataset one = Held.Subset(Enumerable.Range(0, Held.Count).Where(i => Held.Labels![i] == 3));
        Dataset hard = Dataset.Load(Path.Combine(Folder, "test.npz")); // the original misses one of these
        Assert.Contains("the original has", Refused(Options(new AccuracyFloor(1, IsDrop: false), any) with { HeldOut = hard }), StringComparison.Ordinal);
        Assert.Contains("one class", Refused(Options(new AccuracyFloor(0.9, IsDrop: false), any) with { HeldOut = one }), StringComparison.Ordinal);
        Assert.Contains("--calibration", Refused(Options(new AccuracyFloor(0.9, IsDrop: false), any) with { HeldOut = null }), StringComparison.Ordinal);
        Assert.Contains("share of units", Refused(Options(new AccuracyFloor(0.9, IsDrop: false), BudgetRequest.Remove(0.2))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90%", 0.9, false)]
    [InlineData("-1%", 0.01, true)]
    [InlineData("-0%", 0, true)]
    public void Floors_are_read_as_they_are_written(string text, double value, bool isDrop)
    {
        Assert.Equal(new AccuracyFloor(value, isDrop), AccuracyFloor.Parse(text));
        Assert.Equal(text, AccuracyFloor.Parse(text).ToText());
    }

    [Theory]
    [InlineData("0%")]
    [InlineData("90")]
    [InlineData("--1%")]
    [InlineData("101%")]
    [InlineData("NaN%")]
    public void What_is_no_floor_is_refused(string text) => Assert.Throws<InputException>(() => AccuracyFloor.Parse(text));

    private static string Refused(PruneOptions options) =>
        Assert.Throws<InputException>(() => Pruning.Run(Model, options, cancel: TestContext.Current.CancellationToken)).Message;

    private static PruneOptions Options(AccuracyFloor floor, BudgetRequest budget) => new()
    {
        Budget = budget,
        Floor = floor,
        HeldOut = Held,
        Device = Device.Load("host"),
        CostStore = DigitsCosts.Copy(),
        SweepBudget = new Seconds(0.3),
        CompareBudget = new Seconds(0.2),
    };

    private static double Accuracy(OnnxModel model)
    {
        using ModelSession session = ModelSession.Create(model);
        return Evaluator.Run(session.Session, Held, cancellation: TestContext.Current.CancellationToken).Accuracy;
    }
}
