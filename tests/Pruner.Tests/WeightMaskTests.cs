using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Single weights that become zero.</summary>
public sealed class WeightMaskTests
{
    /// <summary>Shapes with units: others hold what is no weight (boxes), or answer otherwise each time (random numbers).</summary>
    public static TheoryData<string> Names { get; } = [.. GraphShapes.All.Where(s => s.Units > 0).Select(s => new TheoryDataRow<string>(s.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void Masked_equals_pruned_for_single_weights_and_channels_together(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        for (int seed = 0; seed < 5; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            HashSet<string> weights = [.. coupling.Units.SelectMany(u => u.Slices).Where(s => s.Role is SliceRole.Output or SliceRole.Input).Select(s => s.Tensor)];
            WeightMask[] masks = [.. RandomMasks(model, seed).Where(m => weights.Contains(m.Tensor))];
            var options = new SurgeryOptions { Weights = masks, Constants = (ConstantHandling)(seed % 2) };
            SurgeryResult cut = ModelSurgeon.Cut(model, coupling, removed, options);
            EquivalenceReport report = MaskedEquivalence.Check(model, cut.Model, cut.Plan, randomInputs: 1, seed: seed);
            Assert.True(report.Ok, $"seed {seed}, without {string.Join(",", removed)}: {report}");
        }
    }

    [Fact]
    public void A_mask_changes_exactly_the_weights_that_it_names()
    {
        OnnxModel model = GraphShapes.Find("chain of two convolutions").Build();
        TensorProto before = model.Graph.Initializer[0];
        bool[] zero = [.. Enumerable.Range(0, (int)TensorReader.Count(before)).Select(i => i % 3 == 0)];
        WeightMask mask = WeightMask.Of(before.Name, before.Dims, zero);
        Assert.Equal(zero, mask.Read(zero.Length));
        OnnxModel cut = ModelSurgeon.Apply(model, CouplingAnalysis.Run(model), [], new SurgeryOptions { Weights = [mask] });
        float[] old = TensorReader.ToFloats(before);
        float[] made = TensorReader.ToFloats(cut.Graph.Initializer[0]);
        Assert.Equal(old.Select((v, i) => zero[i] ? 0 : v), made);
    }

    [Fact]
    public void A_plan_with_masks_read_back_cuts_the_same_bytes()
    {
        using var folder = new TempFolder();
        OnnxModel model = GraphShapes.Find("residual").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        SurgeryResult cut = ModelSurgeon.Cut(model, coupling, [1], new SurgeryOptions { Weights = RandomMasks(model, 1) });
        cut.Plan.Save(folder.File("plan.json"));
        Assert.Equal(cut.Model.ToBytes(), ModelSurgeon.Apply(model, PruningPlan.Load(folder.File("plan.json"))).ToBytes());
    }

    [Fact]
    public void A_mask_that_is_damaged_or_of_another_size_is_refused()
    {
        OnnxModel model = GraphShapes.Find("residual").Build();
        WeightMask mask = RandomMasks(model, 1)[0];
        char[] zeros = mask.Zeros.ToCharArray();
        zeros[2] = zeros[2] == 'A' ? 'B' : 'A';
        long count = mask.Dims.Aggregate(1L, (product, d) => product * d);
        Assert.Throws<InputException>(() => (mask with { Zeros = new string(zeros) }).Read(count));
        Assert.Throws<InputException>(() => (mask with { Zeros = mask.Zeros[..^4] }).Read(count));
        Assert.Throws<InputException>(() => (mask with { Zeros = "####" }).Read(24));
        CouplingResult coupling = CouplingAnalysis.Run(model);
        foreach (WeightMask wrong in new[] { mask with { Tensor = "nothing" }, mask with { Dims = [.. mask.Dims.Reverse(), 1] } })
        {
            Assert.Throws<InputException>(() => ModelSurgeon.Apply(model, coupling, [], new SurgeryOptions { Weights = [wrong] }));
            Assert.Throws<InputException>(() => MaskedModel.Make(model, PruningPlan.Of(model, coupling, []) with { Weights = [wrong] }));
        }
    }

    private static WeightMask[] RandomMasks(OnnxModel model, int seed)
    {
        var random = new Random(seed);
        return [.. model.Graph.Initializer
            .Where(i => ElementTypes.TypeOf(i) == TensorProto.Types.DataType.Float && i.Dims.Count > 1)
            .Select(i => WeightMask.Of(i.Name, i.Dims, [.. Enumerable.Range(0, (int)TensorReader.Count(i)).Select(_ => random.Next(2) == 0)]))];
    }
}
