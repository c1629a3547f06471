using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.TestSupport;
using Pruner.Tests.RandomGraphs;

namespace Pruner.Tests;

/// <summary>Constants of removed channels: folded where that is exact, dropped where it is not, and never folded silently.</summary>
public sealed class ConstantFoldingTests
{
    private static readonly SurgeryOptions Fold = new() { Constants = ConstantHandling.Fold };
    private static readonly SurgeryOptions FoldPadded = new() { Constants = ConstantHandling.FoldPadded };

    public static TheoryData<string> Names => GraphShapeTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_with_its_constants_folded_computes_what_the_original_computes_without_the_makers(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        using var oracle = new MaskedOracle(model, coupling);
        for (int seed = 0; seed < 10; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            SurgeryResult cut = ModelSurgeon.Cut(model, coupling, removed, Fold);
            Assert.False(cut.Plan.ChangesBorders);
            EquivalenceReport report = oracle.Check(cut.Model, cut.Plan, randomInputs: 2, seed: seed);
            Assert.True(report.Ok, $"seed {seed}, without {string.Join(",", removed)}: {report}");
            Assert.Equal(removed.All(u => coupling.Units[u].Inexact is null), report.IsExact);
        }
    }

    [Fact]
    public void The_law_holds_on_random_graphs()
    {
        int folded = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            OnnxModel model = GraphRecipe.Draw(seed).Build();
            CouplingResult coupling = CouplingAnalysis.Run(model);
            for (int subset = 0; subset < 2; subset++)
            {
                int[] removed = RandomUnits.Choose(coupling, subset);
                SurgeryResult cut = ModelSurgeon.Cut(model, coupling, removed, subset == 0 ? Fold : FoldPadded);
                folded += cut.Plan.Units.Count(u => u.Constant == ConstantFate.Folded);
                EquivalenceReport report = MaskedEquivalence.Check(model, cut.Model, cut.Plan, randomInputs: 1, seed: seed);
                Assert.True(report.Ok, $"graph {seed}, subset {subset}, without {string.Join(",", removed)}: {report}");
            }
        }

        Assert.True(folded > 100, $"{folded} units folded in all");
    }

    [Theory]
    [InlineData("bias through normalisation into a pointwise convolution (nni#2130)", ConstantFate.Folded)]
    [InlineData("bias through pooling without padding", ConstantFate.Folded)]
    [InlineData("bias through pooling that counts padding", ConstantFate.Dropped)]
    [InlineData("bias through pooling that does not count padding", ConstantFate.Folded)]
    [InlineData("bias through padded pooling into columns of a linear", ConstantFate.Folded)]
    [InlineData("bias under a spatial gate", ConstantFate.Dropped)]
    [InlineData("bias under a gate that is saturated", ConstantFate.Dropped)]
    [InlineData("bias into a grouped pointwise convolution", ConstantFate.Folded)]
    [InlineData("bias into a product and the sum after it", ConstantFate.Folded)]
    [InlineData("bias into a Gemm of other factors", ConstantFate.Folded)]
    [InlineData("bias into a transposed pointwise convolution", ConstantFate.Folded)]
    [InlineData("attention heads of a fused qkv (Torch-Pruning#393)", ConstantFate.Folded)]
    [InlineData("shared weights", ConstantFate.Folded)]
    [InlineData("flatten into linear", ConstantFate.Folded)]
    public void Constants_are_folded_where_that_is_exact(string name, ConstantFate fate)
    {
        OnnxModel model = GraphShapes.Find(name).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        RemovedUnit unit = ModelSurgeon.Cut(model, coupling, [0], Fold).Plan.Units[0];
        Assert.True(fate == unit.Constant, unit.ConstantReason);
        Assert.Equal(fate == ConstantFate.Dropped, unit.ConstantReason is not null);
    }

    [Fact]
    public void The_bias_of_a_normalisation_is_not_lost()
    {
        OnnxModel model = GraphShapes.Find("bias through normalisation into a pointwise convolution (nni#2130)").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        SurgeryResult kept = ModelSurgeon.Cut(model, coupling, [2, 5], Fold);
        SurgeryResult lost = ModelSurgeon.Cut(model, coupling, [2, 5]);
        // With a plan that says that the constants live on, only the model that kept them passes.
        Assert.True(MaskedEquivalence.Check(model, kept.Model, kept.Plan).Ok);
        Assert.False(MaskedEquivalence.Check(model, lost.Model, kept.Plan).Ok);
        Assert.True(MaskedEquivalence.Check(model, lost.Model, lost.Plan).Ok);
    }

    [Fact]
    public void What_is_folded_is_the_constant_times_the_weights_that_read_it()
    {
        // Linear 5 → 7, ReLU, Gemm 7 → 3: the constant of hidden unit 4 is the positive part of its bias.
        var g = new GraphBuilder(seed: 11);
        string hidden = g.Relu(g.Linear(g.Input("x", 2, 5), 5, 7));
        OnnxModel model = g.Output(g.Linear(hidden, 7, 3)).Build();
        float[] bias = TensorReader.ToFloats(model.Graph.Initializer[1]);
        float[] weights = TensorReader.ToFloats(model.Graph.Initializer[2]);
        float[] before = TensorReader.ToFloats(model.Graph.Initializer[3]);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        int unit = Array.FindIndex(bias, b => b > 0);
        float[] after = TensorReader.ToFloats(ModelSurgeon.Cut(model, coupling, [unit], Fold).Model.Graph.Initializer[3]);
        for (int o = 0; o < 3; o++)
        {
            Assert.Equal(before[o] + (bias[unit] * weights[(o * 7) + unit]), after[o], 5);
        }
    }

    [Theory]
    [InlineData(true, ConstantFate.Dropped)]
    [InlineData(false, ConstantFate.Folded)]
    public void A_sum_over_an_axis_of_any_length_is_no_constant(bool free, ConstantFate fate)
    {
        var g = new GraphBuilder(opset: 17, seed: 6);
        string sum = g.Node("ReduceSum", [g.Conv(g.Input("x", 1, 3, 8, 8), 3, 6), g.Ints(2, 3)], ("keepdims", 0));
        OnnxModel model = g.Output(g.Linear(sum, 6, 4)).Build();
        if (free)
        {
            model.Graph.Input[0].Type.TensorType.Shape.Dim[3].DimParam = "width";
        }

        RemovedUnit unit = ModelSurgeon.Cut(model, CouplingAnalysis.Run(model), [2], Fold).Plan.Units[0];
        Assert.True(fate == unit.Constant, unit.ConstantReason);
    }

    [Fact]
    public void Padding_is_never_folded_unless_it_is_asked_for()
    {
        OnnxModel model = GraphShapes.Find("bias survives a sigmoid (nni#2130)").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        SurgeryResult exact = ModelSurgeon.Cut(model, coupling, [1, 3], Fold);
        Assert.All(exact.Plan.Units, u => Assert.Equal(ConstantFate.Dropped, u.Constant));
        Assert.All(exact.Plan.Units, u => Assert.Contains("pads its input", u.ConstantReason, StringComparison.Ordinal));

        SurgeryResult padded = ModelSurgeon.Cut(model, coupling, [1, 3], FoldPadded);
        Assert.All(padded.Plan.Units, u => Assert.Equal(ConstantFate.FoldedPadded, u.Constant));
        EquivalenceReport report = MaskedEquivalence.Check(model, padded.Model, padded.Plan);
        Assert.True(report.Ok, $"{report}");
        Assert.True(report.BorderDeviation > MaskedEquivalence.Tolerance, "the border differs, and the report says so");
        Assert.Null(MaskedEquivalence.Check(model, exact.Model, exact.Plan).BorderDeviation);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Folding_through_padding_is_reading_the_constant_beyond_the_border(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        for (int seed = 0; seed < 5; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            SurgeryResult cut = ModelSurgeon.Cut(model, coupling, removed, FoldPadded);
            EquivalenceReport report = MaskedEquivalence.Check(model, cut.Model, cut.Plan, randomInputs: 2, seed: seed);
            Assert.True(report.Ok, $"seed {seed}, without {string.Join(",", removed)}: {report}");
        }
    }

    [Fact]
    public void Folding_through_padding_is_exact_inside()
    {
        OnnxModel model = GraphShapes.Find("bias survives a sigmoid (nni#2130)").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        SurgeryResult padded = ModelSurgeon.Cut(model, coupling, [1, 3], FoldPadded);
        float[] expected = Run(MaskedModel.Make(model, padded.Plan, extendBorders: false));
        float[] actual = Run(padded.Model);
        for (int i = 0; i < expected.Length; i++)
        {
            (int row, int column) = (i / 8 % 8, i % 8);
            if (row is > 0 and < 7 && column is > 0 and < 7)
            {
                Assert.Equal(expected[i], actual[i], 4);
            }
        }
    }

    [Fact]
    public void A_plan_with_folded_constants_read_back_cuts_the_same_bytes()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "bias survives a sigmoid (nni#2130)", "squeeze and excite", "bias under a spatial gate", "flatten into linear" })
        {
            OnnxModel model = GraphShapes.Find(name).Build();
            CouplingResult coupling = CouplingAnalysis.Run(model);
            SurgeryResult cut = ModelSurgeon.Cut(model, coupling, [0, 2], FoldPadded);
            cut.Plan.Save(folder.File("plan.json"));
            Assert.Equal(cut.Model.ToBytes(), ModelSurgeon.Apply(model, PruningPlan.Load(folder.File("plan.json"))).ToBytes());
        }
    }

    [Fact]
    public void A_plan_that_folds_what_cannot_be_folded_is_refused()
    {
        OnnxModel model = GraphShapes.Find("bias under a spatial gate").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        var plan = PruningPlan.Of(model, coupling, [0]);
        PruningPlan altered = plan with { Units = [plan.Units[0] with { Constant = ConstantFate.Folded }] };
        InputException refused = Assert.Throws<InputException>(() => ModelSurgeon.Apply(model, altered));
        Assert.Contains("depends on the model's input", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_continues_a_channel_that_is_not_there_is_refused()
    {
        OnnxModel model = GraphShapes.Find("bias survives a sigmoid (nni#2130)").Build();
        PruningPlan plan = ModelSurgeon.Cut(model, CouplingAnalysis.Run(model), [1], FoldPadded).Plan;
        UnitSlice[] moved = [.. plan.Units[0].Slices.Select(s => s.Role == SliceRole.Input ? s with { Indices = [99] } : s)];
        Assert.Throws<InputException>(() => MaskedModel.Make(model, plan with { Units = [plan.Units[0] with { Slices = moved }] }));
    }

    private static float[] Run(OnnxModel model)
    {
        using var session = ModelSession.Create(model);
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 5);
        using NamedValues outputs = session.Run(inputs);
        return outputs[session.OutputNames[0]].GetTensorDataAsSpan<float>().ToArray();
    }
}
