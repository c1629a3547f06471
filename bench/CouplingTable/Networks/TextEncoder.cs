using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Bench.CouplingTable.Networks;

/// <summary>An encoder of BERT-Mini's widths over 64 embedded tokens: 4 layers, width 256, 4 heads, separate q, k and v, normalisation after each sum.</summary>
internal static class TextEncoder
{
    private const int Width = 256;
    private const int Heads = 4;
    private const int Depth = 64;

    public static OnnxModel Make()
    {
        var g = new GraphBuilder();
        string x = g.LayerNorm(g.Project(g.Input("embedded", 1, 64, 128), 128, Width), Width);
        for (int layer = 0; layer < 4; layer++)
        {
            string part() => g.Node("Transpose", [g.Node("Reshape", [g.Project(x, Width, Width), g.Ints(0, 0, Heads, Depth)])], ("perm", new long[] { 0, 2, 1, 3 }));
            string mixed = g.Project(g.Attention(part(), part(), part(), Heads, Depth), Width, Width);
            x = g.LayerNorm(g.Node("Add", [x, mixed]), Width);
            x = g.LayerNorm(g.Node("Add", [x, g.Mlp(x, Width, 4 * Width)]), Width);
        }

        string pooled = g.Node("ReduceMean", [x], ("axes", new long[] { 1 }), ("keepdims", 0));
        return g.Output(g.Linear(pooled, Width, 2)).Build();
    }
}
