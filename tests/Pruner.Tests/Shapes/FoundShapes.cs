using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Graphs that random graphs have shrunk to when a rule broke the law, each named after what was wrong.</summary>
internal static class FoundShapes
{
    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("a transposed convolution with one output channel in each of two groups is not depthwise", GroupsOfOneOutput, 3),
    ];

    // The ids of O/g are none, since the axis has length one; the six input channels go in pairs, one of each group.
    private static GraphBuilder GroupsOfOneOutput(GraphBuilder g)
    {
        string y = g.Conv(g.Input("x", 1, 3, 4, 4), 3, 6, 1);
        string up = g.Node("ConvTranspose", [y, g.Weights(6, 1, 2, 2), g.Weights(2)], ("group", 2), ("strides", new long[] { 2, 2 }));
        return g.Output(g.Conv(up, 2, 4));
    }
}
