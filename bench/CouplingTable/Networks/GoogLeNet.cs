using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Bench.CouplingTable.Networks;

/// <summary>GoogLeNet without its auxiliary heads (Szegedy et al., Going Deeper with Convolutions, 2015, table 1).</summary>
internal static class GoogLeNet
{
    // 1×1; reduction and 3×3; reduction and 5×5; after the pool.
    private static readonly int[][] Modules =
    [
        [64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64],
        [192, 96, 208, 16, 48, 64], [160, 112, 224, 24, 64, 64], [128, 128, 256, 24, 64, 64], [112, 144, 288, 32, 64, 64], [256, 160, 320, 32, 128, 128],
        [256, 160, 320, 32, 128, 128], [384, 192, 384, 48, 128, 128],
    ];

    public static OnnxModel Make()
    {
        var g = new GraphBuilder();
        string x = g.MaxPool(g.Relu(g.Convolve(g.Input("input", 1, 3, 224, 224), 3, 64, 7, 2)), 3, 2);
        x = g.MaxPool(g.Relu(g.Convolve(g.Relu(g.Convolve(x, 64, 64, 1, 1)), 64, 192, 3, 1)), 3, 2);
        int width = 192;
        for (int i = 0; i < Modules.Length; i++)
        {
            (x, width) = Module(g, x, width, Modules[i]);
            x = i is 1 or 6 ? g.MaxPool(x, 3, 2) : x;
        }

        return g.Output(g.Linear(g.Node("Flatten", [g.Node("GlobalAveragePool", [x])]), width, 1000)).Build();
    }

    private static (string Value, int Width) Module(GraphBuilder g, string x, int width, int[] m)
    {
        string one = g.Relu(g.Convolve(x, width, m[0], 1, 1));
        string three = g.Relu(g.Convolve(g.Relu(g.Convolve(x, width, m[1], 1, 1)), m[1], m[2], 3, 1));
        string five = g.Relu(g.Convolve(g.Relu(g.Convolve(x, width, m[3], 1, 1)), m[3], m[4], 5, 1));
        string pool = g.Relu(g.Convolve(g.MaxPool(x, 3, 1), width, m[5], 1, 1));
        return (g.Concat(1, one, three, five, pool), m[0] + m[2] + m[4] + m[5]);
    }
}
