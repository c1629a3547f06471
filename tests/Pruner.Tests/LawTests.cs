using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Masked ≡ pruned, on every real model, for random subsets of units.</summary>
public sealed class LawTests
{
    public static TheoryData<string> Models { get; } = [.. SharedModels.All.Select(m => new TheoryDataRow<string>(m))];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_pruned_model_computes_what_the_masked_original_computes(string relative)
    {
        OnnxModel model = SharedModels.Load(relative);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        TestContext.Current.TestOutputHelper!.WriteLine($"{relative}: {coupling.Units.Count} units, {coupling.Groups.Count} groups, {coupling.Frozen.Count} frozen");
        foreach (FrozenAxis f in coupling.Frozen)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"  {f.Tensor}[{f.Axis}]: {f.Reason}");
        }

        Assert.NotEmpty(coupling.Units);
        // Twenty subsets where the network is small enough, three of the large ones.
        int seeds = model.ToBytes().Length < 6_000_000 && coupling.Units.Count < 3_100 ? 20 : 3;
        for (int seed = 0; seed < seeds; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
            EquivalenceReport report = MaskedEquivalence.Check(model, pruned, PruningPlan.Of(model, coupling, removed), randomInputs: 1, seed: seed);
            Assert.True(report.Ok, $"{relative}, seed {seed}: {report}");
        }
    }

    [Fact]
    public void The_law_holds_on_random_graphs()
    {
        int units = 0;
        for (int seed = 0; seed < 150; seed++)
        {
            OnnxModel model = RandomGraph.Make(seed);
            CouplingResult coupling = CouplingAnalysis.Run(model);
            units += coupling.Units.Count;
            for (int subset = 0; subset < 3; subset++)
            {
                int[] removed = RandomUnits.Choose(coupling, subset);
                OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
                EquivalenceReport report = MaskedEquivalence.Check(model, pruned, PruningPlan.Of(model, coupling, removed), randomInputs: 1, seed: seed);
                Assert.True(report.Ok, $"graph {seed}, subset {subset}, without {string.Join(",", removed)}: {report}");
            }
        }

        // Graphs in which everything is frozen would pass without saying anything.
        Assert.True(units > 150 * 5, $"{units} units in all");
    }
}
