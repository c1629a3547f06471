using EdgePrune.Onnx;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>
/// Masked ≡ pruned, on every real model, for random subsets of its exact units: 100 of each model in nightly mode; otherwise 100 of
/// the small ones and as many of the large ones as keep the whole class near two minutes, by their multiply-accumulates, never fewer than four.
/// </summary>
public sealed class LawTests
{
    private const int Most = 100;
    private const int Fewest = 4;
    private const double MacsToSpend = 1.2e9;

    public static TheoryData<string> Models { get; } = [.. SharedModels.All.Select(m => new TheoryDataRow<string>(m))];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_pruned_model_computes_what_the_masked_original_computes(string relative)
    {
        OnnxModel model = SharedModels.Load(relative);
        int subsets = Nightly.IsOn ? Most : (int)Math.Clamp(MacsToSpend / ModelStatistics.Of(model).Macs, Fewest, Most);
        CouplingResult coupling = Law.Holds(model, subsets, what: relative);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{relative}: {subsets} subsets, {coupling.Units.Count} units, {coupling.Groups.Count} groups, {coupling.Frozen.Count} frozen");
        foreach (IGrouping<string, FrozenAxis> reason in coupling.Frozen.GroupBy(f => f.Reason))
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"  {reason.Count()} as {reason.First().Tensor}[{reason.First().Axis}]: {reason.Key}");
        }

        Assert.NotEmpty(coupling.Units);
        Law.CutsInShape(model, relative);
    }
}
