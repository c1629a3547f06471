using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Pruner.Tests;

/// <summary>Forms at the edge of what rules cover: values read twice, units over two axes, parameters along odd axes.</summary>
internal static class EdgeShapes
{
    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("product of a value with itself", g => Self(g, null), 8),
        new("product of a value with itself by Einsum", g => Self(g, "bid,bjd->bij"), 8),
        new("Einsum of three", Einsum3, 8 + 6),
        new("steps over one of two axes of units", StepsJoint, 4),
        new("table of embeddings and head in one", TiedTable, 8),
        new("units over two axes tiled along one", TiledJoint, 2),
        new("units over two axes joined along one that must stay", JoinedJoint, 4),
        new("units over two axes parted unevenly", PartsJoint, 4),
        new("8-bit weights with zero points on an axis counted from the end", NegativeAxis, 8),
        new("channels padded by a number that is not zero", PadValue, 8 + 3),
        new("Gemm with a column for a bias", GemmColumn, 7),
    ];

    private static string Picture(GraphBuilder g) => g.Input("x", 1, 3, 8, 8);

    private static GraphBuilder Self(GraphBuilder g, string? equation)
    {
        string y = g.Relu(g.Dense(g.X(), 12, 8));
        return g.Output(equation is null ? g.Node("MatMul", [y, g.Perm(y, 0, 2, 1)]) : g.Node("Einsum", [y, y], ("equation", equation)));
    }

    private static GraphBuilder Einsum3(GraphBuilder g)
    {
        string x = g.X();
        return g.Output(g.Node("Einsum", [g.Relu(g.Dense(x, 12, 8)), g.Weights(8, 6), g.Relu(g.Dense(x, 12, 6))], ("equation", "bld,dk,bmk->blm")));
    }

    private static GraphBuilder StepsJoint(GraphBuilder g)
    {
        string y = g.Shaped(g.Conv(Picture(g), 3, 8), 1, 2, 4, 8, 8);
        string s = g.Node("Slice", [y, g.Ints(-1), g.Ints(long.MinValue), g.Ints(2), g.Ints(-2)]);
        return g.Output(g.Conv(g.Shaped(s, 1, -1, 8, 8), 4, 3), g.Conv(g.Shaped(y, 1, 8, 8, 8), 8, 4, 1, 2));
    }

    private static GraphBuilder TiedTable(GraphBuilder g)
    {
        string w = g.Weights(9, 8);
        string x = g.Node("Gather", [w, g.IntInput("ids", DataType.Int64, 1, AttentionParts.Tokens)]);
        return g.Output(g.Node("MatMul", [g.Node("Sigmoid", [g.Node("Add", [x, g.Weights(8)])]), g.Perm(w, 1, 0)]));
    }

    private static GraphBuilder TiledJoint(GraphBuilder g)
    {
        string y = g.Shaped(g.Conv(Picture(g), 3, 8), 1, 2, 4, 8, 8);
        string t = g.Node("Tile", [y, g.Ints(1, 3, 1, 1, 1)]);
        return g.Output(g.Conv(g.Shaped(t, 1, -1, 8, 8), 24, 3));
    }

    private static GraphBuilder JoinedJoint(GraphBuilder g)
    {
        string x = Picture(g);
        string a = g.Shaped(g.Conv(x, 3, 8), 1, 2, 4, 8, 8);
        string b = g.Shaped(g.Conv(x, 3, 12), 1, 3, 4, 8, 8);
        string one = g.Node("Slice", [a, g.Ints(0), g.Ints(1), g.Ints(1)]);
        return g.Output(g.Conv(g.Shaped(g.Node("Concat", [a, b], ("axis", 1)), 1, 20, 8, 8), 20, 3), g.Conv(g.Shaped(one, 1, 4, 8, 8), 4, 3));
    }

    private static GraphBuilder PartsJoint(GraphBuilder g)
    {
        string y = g.Shaped(g.Conv(Picture(g), 3, 12), 1, 3, 4, 8, 8);
        string[] parts = g.Nodes("Split", [y, g.Ints(1, 2)], 2, ("axis", 1));
        return g.Output(g.Conv(g.Shaped(parts[0], 1, 4, 8, 8), 4, 3), g.Conv(g.Shaped(parts[1], 1, 8, 8, 8), 8, 3));
    }

    private static GraphBuilder NegativeAxis(GraphBuilder g)
    {
        string w = g.Initializer(TensorEditor.FromRaw("int8", DataType.Int8, [.. Enumerable.Range(0, 8 * 27).Select(i => (byte)(sbyte)((i * 37 % 200) - 100))], 8, 3, 3, 3));
        string real = g.Node("DequantizeLinear", [w, g.Positive(8), g.Initializer(TensorEditor.FromRaw("zeros", DataType.Int8, [1, 2, 3, 4, 5, 6, 7, 8], 8))], ("axis", -4));
        return g.Output(g.Conv(g.Relu(g.Node("Conv", [Picture(g), real, g.Weights(8)])), 8, 4));
    }

    private static GraphBuilder PadValue(GraphBuilder g)
    {
        string y = g.Node("Pad", [g.Conv(Picture(g), 3, 8), g.Ints(0, 1, 0, 0, 0, 2, 0, 0), g.Scalar("value", 3)]);
        return g.Output(g.Conv(y, 11, 4));
    }

    private static GraphBuilder GemmColumn(GraphBuilder g) =>
        g.Output(g.Linear(g.Relu(g.Node("Gemm", [g.Input("x", 3, 6), g.Weights(6, 7), g.Weights(3, 1)], ("beta", 0.5f))), 7, 4));
}
