using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace Pruner.Tests;

/// <summary>
/// The analysis sees one size of each free dimension. The pruned model must compute what the masked one does at every other size
/// too: nothing that differs from run to run may have become a constant.
/// </summary>
public sealed class FreeShapeTests
{
    public static TheoryData<string> Names { get; } =
        [.. GraphShapes.All.Where(s => Inputs(s.Build()).Any(HasFree)).Select(s => new TheoryDataRow<string>(s.Name))];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_law_holds_at_sizes_that_the_analysis_did_not_see(string name)
    {
        GraphShape shape = GraphShapes.Find(name);
        OnnxModel model = shape.Build();
        CouplingResult coupling = CouplingAnalysis.Run(model, options: shape.Options);
        foreach (int size in new[] { 9, 14 })
        {
            Dictionary<string, long[]> shapes = Inputs(model).Where(HasFree).ToDictionary(i => i.Name, i => Dims(i, size), StringComparer.Ordinal);
            for (int seed = 0; seed < 10; seed++)
            {
                int[] removed = RandomUnits.Choose(coupling, seed);
                OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
                EquivalenceReport report = MaskedEquivalence.Check(model, pruned, PruningPlan.Of(model, coupling, removed), randomInputs: 1, seed: seed, shapes: shapes);
                Assert.True(report.Ok, $"size {size}, seed {seed}, without {string.Join(",", removed)}: {report}");
            }
        }
    }

    private static IReadOnlyList<ValueInfoProto> Inputs(OnnxModel model) => new GraphIndex(model.Graph).Inputs;

    private static bool HasFree(ValueInfoProto input) => input.Type.TensorType.Shape.Dim.Any(d => !d.HasDimValue);

    // Three pictures of unequal sides.
    private static long[] Dims(ValueInfoProto input, int size) =>
        [.. input.Type.TensorType.Shape.Dim.Select((d, axis) => d.HasDimValue ? d.DimValue : axis == 0 ? 3L : size + axis)];
}
