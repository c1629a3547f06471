using EdgePrune.Onnx;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>How much of real transformers can be pruned, with and without units that are inexact.</summary>
public sealed class TransformerModelTests
{
    [Theory]
    [InlineData("transformer/CCT_2_32_32_128_Opset20.network.onnx", false, 0.75)]
    [InlineData("transformer/CCT_2_32_32_128_Opset20.network.onnx", true, 0.99)]
    [InlineData("transformer/ch_PP-OCRv4_rec_infer.onnx", false, 0.99)]
    [InlineData("transformer/ch_PP-OCRv4_rec_infer.onnx", true, 0.99)]
    public void Most_of_the_work_can_be_pruned(string relative, bool inexact, double least)
    {
        OnnxModel model = SharedModels.Load(relative);
        CouplingResult coupling = Law.Holds(model, 3, new CouplingOptions { AllowInexact = inexact }, relative);
        double share = PrunableShare.Of(coupling, ModelStatistics.Of(model)).MacsShare;
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{relative}, inexact {inexact}: {share:P1} of the MACs in {coupling.Groups.Count} groups");
        foreach (UnitGroup group in coupling.Groups)
        {
            output.WriteLine($"  {group.Kind}:{group.Units.Count} {group.Inexact} {string.Join(' ', group.Slices.Select(s => $"{s.Tensor}[{s.Axis}]").Take(4))}");
        }

        foreach (FrozenAxis axis in coupling.Frozen)
        {
            output.WriteLine($"  frozen {axis.Tensor}[{axis.Axis}]: {axis.Reason}");
        }

        Assert.True(share >= least, $"{share:P1}");
    }
}
