using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Budget;

/// <summary>What is counted for a cut that has not been made is what is counted after it was made.</summary>
public sealed class PaperCostsTests
{
    public static TheoryData<string> Names => [.. new[]
    {
        "chain of two convolutions", "normalisation between", "depthwise", "concat", "flatten into linear", "matmul and add",
        "attention heads of a fused qkv (Torch-Pruning#393)",
    }];

    [Theory]
    [MemberData(nameof(Names))]
    public void Counts_for_any_choice_are_those_of_the_model_that_surgery_makes(string name)
    {
        OnnxModel model = GraphShapes.Find(name).Build();
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes);
        var paper = PaperCosts.Of(model, coupling, shapes);
        Check(model, paper.At());
        for (int seed = 0; seed < 10; seed++)
        {
            int[] removed = RandomUnits.Choose(coupling, seed);
            int[] kept = [.. coupling.Groups.Select(g => g.Units.Count(u => !removed.Contains(u.Id)))];
            // Constants dropped, so that no bias is added that was not counted.
            Check(ModelSurgeon.Apply(model, coupling, removed, new SurgeryOptions { Constants = ConstantHandling.Drop }), paper.At(kept));
        }
    }

    [Fact]
    public void What_is_alive_together_at_the_worst_moment_counts_and_a_result_in_place_counts_once()
    {
        var g = new GraphBuilder();
        string x = g.Input("x", 1, 3, 8, 8);
        string a = g.Conv(x, 3, 8);
        string b = g.Conv(g.Node("Relu", [a]), 8, 16);
        OnnxModel model = g.Output(g.Conv(g.Node("Relu", [b]), 16, 2)).Build();
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        PaperCost cost = PaperCosts.Of(model, CouplingAnalysis.Run(model, shapes), shapes).At();
        // The middle convolution reads 8 planes of 64 floats and writes 16; the activations lie where their operands lay.
        Assert.Equal((8 + 16) * 64 * 4, cost.MemoryBytes - cost.SizeBytes);
    }

    private static void Check(OnnxModel model, PaperCost counted)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        var table = new ValueTable(model.Graph, shapes);
        Assert.Equal(ModelStatistics.Of(model, shapes).Macs, counted.Macs, 0.5);
        Assert.Equal(model.Graph.Initializer.Sum(i => table.Bytes(i.Name)), counted.SizeBytes, 0.5);
        PaperCost own = PaperCosts.Of(model, CouplingAnalysis.Run(model, shapes), shapes).At();
        Assert.Equal(own.MemoryBytes, counted.MemoryBytes, 0.5);
    }
}
