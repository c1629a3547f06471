using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Drawing;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Drawing;

/// <summary>Small models as the graph page draws them.</summary>
internal static class GraphSamples
{
    /// <summary>A residual block before a softmax over its channels, beside an operator that no rule knows.</summary>
    public static OnnxModel Residual()
    {
        var g = new GraphBuilder(seed: 5);
        string stem = g.Relu(g.Conv(g.Input("x", 1, 3, 8, 8), 3, 8));
        string inner = g.Conv(g.Relu(g.Conv(stem, 8, 6)), 6, 8);
        string sum = g.Node("Add", [stem, inner]);
        string odd = g.Node("Softmax", [g.Conv(sum, 8, 4)], ("axis", 1));
        return g.Output(g.Conv(odd, 4, 2)).Build();
    }

    public static GraphDocument Of(OnnxModel model, CouplingOptions? options = null) => Of(model, "small.onnx", options).Drawn;

    public static (InspectDocument Inspected, GraphDocument Drawn) Of(OnnxModel model, string name, CouplingOptions? options = null)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        var statistics = ModelStatistics.Of(model, shapes);
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes, options);
        var inspected = InspectDocument.Of(model, name, statistics, coupling, BlockAnalysis.Run(model, shapes, options));
        return (inspected, GraphDrawing.Of(model, inspected, coupling, statistics, shapes));
    }

    /// <summary>The same picture with other names everywhere.</summary>
    public static GraphDocument Named(GraphDocument graph, IReadOnlyList<string> names)
    {
        int next = 0;
        string Name() => names[next++ % names.Count];
        GraphValue Value(GraphValue v) => v with { Name = Name() };
        return graph with
        {
            Model = names[0],
            Boxes = [.. graph.Boxes.Select(b => b with { Op = Name(), Name = Name(), Reads = [.. b.Reads.Select(Value)], Makes = [.. b.Makes.Select(Value)] })],
            Lines = [.. graph.Lines.Select(l => l with { Value = Name() })],
            Groups = [.. graph.Groups.Select(g => g with { Inexact = Name(), Slices = [.. g.Slices.Select(s => s with { Tensor = Name() })] })],
            Blocks = [.. graph.Blocks.Select(b => b with { Where = Name() })],
            Reasons = [.. graph.Reasons.Select(_ => Name())],
            FrozenReasons = [.. names.Select(n => new FrozenReason(n, 3, new TensorAxis(n, 1), n))],
        };
    }
}
