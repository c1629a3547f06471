using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>The whole way on real models and this machine's own costs.</summary>
public sealed class PruningTests
{
    [Theory]
    [InlineData("cifar10/resnet20_cifar10.onnx")]
    [InlineData("imagenet/squeezenet_v1.0_deepcompression.onnx.gz")]
    [InlineData("kws/kws_dscnn.onnx")]
    [InlineData("imagenet/mobilenet_v1_0.25_128_dequant.onnx.gz")]
    public void A_real_model_is_pruned_to_seventy_percent_of_its_energy_and_is_not_slower(string relative)
    {
        OnnxModel model = SharedModels.Load(relative);
        var options = new PruneOptions
        {
            Budget = BudgetRequest.AtMost(CostMetric.Energy, 0.7),
            Device = Device.Load("host"),
            SweepBudget = new Seconds(15),
            CompareBudget = new Seconds(2),
        };
        PruneResult result = Pruning.Run(model, options, cancel: TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{relative}: removed {result.Plan.Units.Count}, predicted energy {result.Budget.Share(CostMetric.Energy):P1}, latency {result.Budget.Share(CostMetric.Latency):P1}; "
            + $"measured energy {result.MeasuredShare(CostMetric.Energy):P1}, latency {result.MeasuredShare(CostMetric.Latency):P1} ({result.Comparison.LatencyRatio.Low:F3}..{result.Comparison.LatencyRatio.High:F3}); "
            + $"{result.Comparison.First.Latency.Median.Median * 1e3:F3} ms -> {result.Comparison.Second.Latency.Median.Median * 1e3:F3} ms, predicted {result.Budget.After.Time.Value * 1e3:F3} ms; macs {result.Comparison.First.Statistics.Macs} -> {result.Comparison.Second.Statistics.Macs}; calibration {result.Costs.Calibration:F3}");
        Assert.True(result.Budget.Choice.Met);
        Assert.True(result.Equivalence.Ok, result.Equivalence.ToString());
        Assert.False(result.IsWorse);
        Assert.True(result.Comparison.LatencyRatio.High < 1, result.Comparison.LatencyRatio.ToString());
    }
}
