using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Small networks as PyTorch exports them, odd chains of shapes and all; see Models/README.md.</summary>
public sealed class ExportedModelTests
{
    private static readonly IReadOnlyDictionary<string, long[]> Tokens = new Dictionary<string, long[]> { ["x"] = [1, 7, 10] };
    private static readonly IReadOnlyDictionary<string, long[]> OtherTokens = new Dictionary<string, long[]> { ["x"] = [3, 5, 10] };

    [Theory]
    [InlineData("mha_bn", false, "Head:4 Neuron:16 Neuron:16")]
    [InlineData("gqa_bn", false, "KeyValueGroup:2 Neuron:16")]
    [InlineData("enc17", false, "Head:4 Neuron:24 Head:4 Neuron:24")]
    [InlineData("enc17", true, "Neuron:16 Head:4 Neuron:24 Head:4 Neuron:24")]
    [InlineData("vit_b", false, "Head:4 Neuron:32 Head:4 Neuron:32")]
    [InlineData("vit_b", true, "Channel:16 Head:4 Neuron:32 Head:4 Neuron:32")]
    [InlineData("lstm_bn", false, "Neuron:8 Neuron:6 Neuron:6")]
    [InlineData("bilstm_b", false, "Neuron:8 Neuron:6 Neuron:6")]
    [InlineData("gru_bn", false, "Neuron:8 Neuron:6 Neuron:6")]
    public void Units_are_found_cut_and_run(string name, bool inexact, string expected)
    {
        OnnxModel model = OnnxModel.Load(Path.Combine(Repository.Root, "tests", "Pruner.Tests", "Models", $"{name}.onnx"));
        IReadOnlyDictionary<string, long[]>? shapes = name.StartsWith("vit", StringComparison.Ordinal) ? null : Tokens;
        var options = new CouplingOptions { AllowInexact = inexact };
        CouplingResult coupling = CouplingAnalysis.Run(model, EdgePrune.Onnx.Sessions.ShapeProbe.Run(model, shapes: shapes), options);
        string found = string.Join(' ', coupling.Groups.Select(g => $"{g.Kind}:{g.Units.Count}"));
        string frozen = string.Join("; ", coupling.Frozen.Select(f => $"{f.Tensor}[{f.Axis}] {f.Reason}"));
        Assert.True(expected == found, $"{found}. Frozen: {frozen}");
        for (int seed = 0; seed < 10; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
            PruningPlan plan = PruningPlan.Of(model, coupling, removed);
            foreach (IReadOnlyDictionary<string, long[]>? run in Runs(name, shapes))
            {
                EquivalenceReport report = MaskedEquivalence.Check(model, pruned, plan, randomInputs: 1, seed: seed, shapes: run);
                Assert.True(report.Ok, $"seed {seed}, without {string.Join(",", removed)}: {report}");
            }
        }
    }

    // Where batch and length are free, the pruned model must run at others than those of the probe.
    private static IEnumerable<IReadOnlyDictionary<string, long[]>?> Runs(string name, IReadOnlyDictionary<string, long[]>? probed) =>
        name.EndsWith("bn", StringComparison.Ordinal) ? [probed, OtherTokens] : [probed];
}
