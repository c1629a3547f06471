using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Bench.CouplingTable.Networks;

/// <summary>VGG-16 as it is used on 32 × 32 images (Simonyan and Zisserman, 2015; one hidden linear layer).</summary>
internal static class Vgg
{
    public static OnnxModel Make()
    {
        var g = new GraphBuilder();
        string x = g.Input("input", 1, 3, 32, 32);
        int width = 3;
        foreach (int[] stage in new int[][] { [64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512] })
        {
            foreach (int output in stage)
            {
                x = g.Relu(g.BatchNorm(g.Convolve(x, width, output, 3, 1), output));
                width = output;
            }

            x = g.MaxPool(x, 2, 2);
        }

        return g.Output(g.Linear(g.Relu(g.Linear(g.Node("Flatten", [x]), 512, 512)), 512, 10)).Build();
    }
}
