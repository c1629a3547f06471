using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;

namespace EdgePrune.Bench.CouplingTable.Networks;

/// <summary>
/// A network of YOLOv8n's layers and widths, drawn after its published configuration: C2f blocks with split and concat, pyramid pooling, a
/// neck that upsamples, and a head in which boxes are expected values over 16 bins.
/// </summary>
internal static class Yolo
{
    private const int Classes = 80;
    private const int Bins = 16;

    public static OnnxModel Make()
    {
        var g = new GraphBuilder();
        string x = Conv(g, Conv(g, g.Input("images", 1, 3, 320, 320), 3, 16, 3, 2), 16, 32, 3, 2);
        x = C2f(g, x, 32, 32, 1, shortcut: true);
        string fine = C2f(g, Conv(g, x, 32, 64, 3, 2), 64, 64, 2, shortcut: true);
        string middle = C2f(g, Conv(g, fine, 64, 128, 3, 2), 128, 128, 2, shortcut: true);
        string coarse = Pyramid(g, C2f(g, Conv(g, middle, 128, 256, 3, 2), 256, 256, 1, shortcut: true), 256);
        string up = C2f(g, g.Concat(1, Larger(g, coarse), middle), 384, 128, 1, shortcut: false);
        string small = C2f(g, g.Concat(1, Larger(g, up), fine), 192, 64, 1, shortcut: false);
        string medium = C2f(g, g.Concat(1, Conv(g, small, 64, 64, 3, 2), up), 192, 128, 1, shortcut: false);
        string large = C2f(g, g.Concat(1, Conv(g, medium, 128, 128, 3, 2), coarse), 384, 256, 1, shortcut: false);
        string[] scales = [Scale(g, small, 64), Scale(g, medium, 128), Scale(g, large, 256)];
        string[] parts = g.Nodes("Split", [g.Concat(2, scales), g.Ints(4 * Bins, Classes)], 2, ("axis", 1));
        return g.Output(g.Concat(1, Boxes(g, parts[0]), g.Node("Sigmoid", [parts[1]]))).Build();
    }

    private static string Conv(GraphBuilder g, string x, int input, int output, int kernel, int stride = 1)
    {
        string y = g.Convolve(x, input, output, kernel, stride);
        return g.Node("Mul", [y, g.Node("Sigmoid", [y])]);
    }

    private static string C2f(GraphBuilder g, string x, int input, int output, int blocks, bool shortcut)
    {
        int half = output / 2;
        string[] halves = g.Nodes("Split", [Conv(g, x, input, output, 1), g.Ints(half, half)], 2, ("axis", 1));
        List<string> all = [.. halves];
        for (int i = 0; i < blocks; i++)
        {
            string inner = Conv(g, Conv(g, all[^1], half, half, 3), half, half, 3);
            all.Add(shortcut ? g.Node("Add", [all[^1], inner]) : inner);
        }

        return Conv(g, g.Concat(1, [.. all]), (2 + blocks) * half, output, 1);
    }

    private static string Pyramid(GraphBuilder g, string x, int width)
    {
        string a = Conv(g, x, width, width / 2, 1);
        string b = g.MaxPool(a, 5, 1);
        string c = g.MaxPool(b, 5, 1);
        return Conv(g, g.Concat(1, a, b, c, g.MaxPool(c, 5, 1)), 2 * width, width, 1);
    }

    private static string Larger(GraphBuilder g, string x) => g.Node("Resize", [x, "", g.Initializer(TensorEditor.FromFloats(x + "_scales", [1, 1, 2, 2], 4))], ("mode", "nearest"));

    private static string Scale(GraphBuilder g, string x, int width)
    {
        string boxes = g.Convolve(Conv(g, Conv(g, x, width, 64, 3), 64, 64, 3), 64, 4 * Bins, 1, 1);
        string classes = g.Convolve(Conv(g, Conv(g, x, width, Classes, 3), Classes, Classes, 3), Classes, Classes, 1, 1);
        return g.Node("Reshape", [g.Concat(1, boxes, classes), g.Ints(1, (4 * Bins) + Classes, -1)]);
    }

    private static string Boxes(GraphBuilder g, string x)
    {
        string bins = g.Node("Transpose", [g.Node("Reshape", [x, g.Ints(1, 4, Bins, -1)])], ("perm", new long[] { 0, 2, 1, 3 }));
        string expected = g.Node("Conv", [g.Node("Softmax", [bins], ("axis", 1)), g.Weights(1, Bins, 1, 1)]);
        return g.Node("Reshape", [expected, g.Ints(1, 4, -1)]);
    }
}
