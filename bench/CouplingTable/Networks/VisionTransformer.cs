using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;

namespace EdgePrune.Bench.CouplingTable.Networks;

/// <summary>A vision transformer of ViT-Tiny's widths with 6 of its 12 layers: patches of 16, width 192, 3 heads, q, k and v from one matrix.</summary>
internal static class VisionTransformer
{
    private const int Width = 192;
    private const int Heads = 3;
    private const int Depth = 64;
    private const int Patches = 196;

    public static OnnxModel Make()
    {
        var g = new GraphBuilder();
        string patches = g.Node("Conv", [g.Input("pixels", 1, 3, 224, 224), g.Weights(Width, 3, 16, 16), g.Weights(Width)], ("strides", new long[] { 16, 16 }));
        string tokens = g.Node("Transpose", [g.Node("Reshape", [patches, g.Ints(1, Width, Patches)])], ("perm", new long[] { 0, 2, 1 }));
        string x = g.Node("Add", [g.Concat(1, g.Weights(1, 1, Width), tokens), g.Weights(1, Patches + 1, Width)]);
        for (int layer = 0; layer < 6; layer++)
        {
            x = g.Node("Add", [x, SelfAttention(g, g.LayerNorm(x, Width))]);
            x = g.Node("Add", [x, g.Mlp(g.LayerNorm(x, Width), Width, 4 * Width)]);
        }

        string first = g.Node("Gather", [g.LayerNorm(x, Width), g.Initializer(TensorEditor.FromInts("first", [0]))], ("axis", 1));
        return g.Output(g.Linear(first, Width, 1000)).Build();
    }

    private static string SelfAttention(GraphBuilder g, string x)
    {
        string qkv = g.Node("Reshape", [g.Project(x, Width, 3 * Width), g.Ints(1, Patches + 1, 3, Heads, Depth)]);
        string parts = g.Node("Transpose", [qkv], ("perm", new long[] { 2, 0, 3, 1, 4 }));
        string[] three = [.. Enumerable.Range(0, 3).Select(i => g.Node("Gather", [parts, g.Initializer(TensorEditor.FromInts($"{parts}_{i}", [i]))], ("axis", 0)))];
        return g.Project(g.Attention(three[0], three[1], three[2], Heads, Depth), Width, Width);
    }
}
