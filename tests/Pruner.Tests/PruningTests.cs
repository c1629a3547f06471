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
}
