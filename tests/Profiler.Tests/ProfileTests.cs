using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Tests;

public sealed class ProfileTests
{
    private static readonly ProfileOptions Options = new() { Device = Device.Load("host"), Budget = new Seconds(0.2) };

    [Theory]
    [InlineData(GraphOptimizationLevel.ORT_DISABLE_ALL)]
    [InlineData(GraphOptimizationLevel.ORT_ENABLE_EXTENDED)]
    [InlineData(GraphOptimizationLevel.ORT_ENABLE_ALL)]
    public void A_report_is_whole_and_consistent(GraphOptimizationLevel level)
    {
        OnnxModel model = TinyGraph.Residual();
        ProfileReport report = Profile.Run(
            model, Options with { Session = new SessionSettings { Optimization = level } }, cancel: TestContext.Current.CancellationToken);
        Assert.Equal(1, report.Layers.Sum(l => l.Share), 9);
        Assert.All(report.Layers, l => Assert.True(l.Time.Low <= l.Time.Median && l.Time.Median <= l.Time.High && l.Time.Low >= 0));
        Assert.All(report.Layers, l => Assert.True(l.Energy!.Total.Median >= l.Energy.Dynamic.Median));
        Assert.Equal("modelled", report.EnergyProvenance.Word);
        Assert.True(report.Latency.P95 <= report.Latency.P99);
        Assert.Equal(3 * 16 * 16 * 64, report.Layers.Sum(l => l.Layer.Macs));
        Assert.Equal(768, report.Statistics.Params);
        Assert.DoesNotContain(report.Warnings, w => w.Contains("cannot be timed", StringComparison.Ordinal));
        // No assertion on how small the residual is: that is measured, not tested.
        Assert.True(double.IsFinite(report.Closure.TimeResidual.Median));
    }

    [Theory]
    [InlineData("kws/kws_dscnn.onnx")]
    [InlineData("transformer/CCT_2_32_32_128_Opset20.network.onnx")]
    public void Every_layer_of_a_real_network_can_be_timed_alone(string file)
    {
        ProfileReport report = Profile.Run(
            OnnxModel.Load(SharedData.Require(file)), Options, cancel: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(report.Warnings, w => w.Contains("cannot be timed", StringComparison.Ordinal));
        // Rounds in which the machine was disturbed do not count; three that were not are the fewest that give an interval.
        Assert.All(report.Layers, l => Assert.True(l.Time.Count >= 3));
    }

    [Fact]
    public void A_cancelled_profile_stops()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => Profile.Run(TinyGraph.Residual(), Options, cancel: cancel.Token));
    }

    [Fact]
    public void Two_models_are_compared_in_pairs()
    {
        LatencyComparison comparison = LatencyComparison.Run(
            TinyGraph.Residual(), TinyGraph.Residual(), budget: new Seconds(0.1), cancel: TestContext.Current.CancellationToken);
        Assert.Equal(comparison.First.Runs, comparison.Second.Runs);
        Assert.Equal(15, comparison.Ratio.Count);
        Assert.True(comparison.Ratio.Low > 0);
        Assert.InRange(comparison.QuietShare, 0, 1);
    }

    [Fact]
    public void Models_with_other_inputs_are_not_compared()
    {
        OnnxModel other = new TinyGraph().Input("z", 1, 4).Node("Relu", ["z"], "y").Output("y", 1, 4).Build();
        Assert.Contains("z", Assert.Throws<InputException>(() => LatencyComparison.Run(
            TinyGraph.Residual(), other, cancel: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }
}
