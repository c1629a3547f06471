using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Pruner.Tests.RandomGraphs;

/// <summary>Convolutions of one, two and three dimensions: whole, grouped, depthwise, transposed, shared, with quantised weights.</summary>
internal static class ConvolutionSteps
{
    public static Dictionary<string, Action<GrownGraph, GraphStep>> All { get; } = new()
    {
        ["conv"] = (g, s) => Convolve(g, s, g.Pick(Form.Image, s), 1),
        ["conv1d"] = (g, s) => Convolve(g, s, g.Pick(Form.Sequence, s), 1),
        ["conv3d"] = (g, s) => Convolve(g, s, g.Pick(Form.Volume, s), 1),
        ["grouped"] = (g, s) => Convolve(g, s, g.Pick((Form)(s.Variant % 3), s, v => v.Width % 2 == 0), 2),
        ["depthwise"] = Depthwise,
        ["transposed"] = Transposed,
        ["shared"] = Shared,
        ["weights through nodes"] = ThroughNodes,
        ["quantised weights"] = Quantised,
    };

    private static int Space(GrownValue v) => v.Dims.Length - 2;

    private static long[] Kernel(int size, int space) => [.. Enumerable.Repeat((long)size, space)];

    private static void Convolve(GrownGraph g, GraphStep s, GrownValue x, int groups)
    {
        int space = Space(x);
        int size = s.Flag() ? 1 : 3;
        int wide = s.Wide();
        string w = g.Weights(x.Width / groups * size, [wide, x.Width / groups, .. Kernel(size, space)]);
        string[] inputs = s.Flag(1) ? [x.Name, w] : [x.Name, w, g.Weights(1, wide)];
        string y = g.Graph.Node("Conv", inputs, ("group", groups), ("pads", Kernel(size / 2, 2 * space)));
        g.Add(x.Form, y, [1, wide, .. x.Dims[2..]]);
    }

    private static void Depthwise(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick((Form)(s.Width % 3), s);
        int multiplier = 1 + (s.Variant % 2);
        string w = g.Weights(3, [x.Width * multiplier, 1, .. Kernel(3, Space(x))]);
        string y = g.Graph.Node("Conv", [x.Name, w, g.Weights(1, x.Width * multiplier)], ("group", x.Width), ("pads", Kernel(1, 2 * Space(x))));
        g.Add(x.Form, y, [1, x.Width * multiplier, .. x.Dims[2..]]);
    }

    private static void Transposed(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick((Form)(s.Variant % 3), s);
        int groups = s.Flag(1) && x.Width % 2 == 0 ? 2 : 1;
        int wide = s.Wide() / groups;
        string w = g.Weights(x.Width, [x.Width, wide, .. Kernel(2, Space(x))]);
        string y = g.Graph.Node("ConvTranspose", [x.Name, w, g.Weights(1, wide * groups)], ("strides", Kernel(2, Space(x))), ("group", groups));
        g.Add(x.Form, y, [1, wide * groups, .. x.Dims[2..].Select(d => 2 * d)]);
    }

    private static void Shared(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick(Form.Image, s);
        string w = g.Weights(x.Width, x.Width, x.Width, 1, 1);
        string once = g.Graph.Relu(g.Graph.Node("Conv", [x.Name, w]));
        g.Same(x, g.Graph.Node("Conv", [once, w]));
    }

    private static void ThroughNodes(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick(Form.Image, s);
        int wide = s.Wide();
        string w = s.Flag()
            ? g.Graph.Node("Transpose", [g.Weights(x.Width, x.Width, wide, 1, 1)], ("perm", new long[] { 1, 0, 2, 3 }))
            : g.Graph.Node("Identity", [g.Weights(x.Width, wide, x.Width, 1, 1)]);
        g.Add(Form.Image, g.Graph.Node("Conv", [x.Name, w]), 1, wide, x.Dims[2], x.Dims[3]);
    }

    private static void Quantised(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick(Form.Image, s);
        int wide = s.Wide();
        byte[] raw = new byte[wide * x.Width];
        for (int i = 0; i < raw.Length; i++)
        {
            raw[i] = (byte)(sbyte)((((i * 37) + 11) % 100) - 50);
        }

        string w = g.Graph.Initializer(TensorEditor.FromRaw(g.Name(), DataType.Int8, raw, wide, x.Width, 1, 1));
        string zero = g.Graph.Initializer(TensorEditor.FromRaw(g.Name(), DataType.Int8, new byte[wide], wide));
        string scale = g.Graph.Node("Mul", [g.Positive(wide), g.Scalar(0.02f)]);
        string real = s.Flag()
            ? g.Graph.Node("DequantizeLinear", [w, scale, zero], ("axis", 0))
            : g.Graph.Node("DequantizeLinear", [w, g.Scalar(0.02f), g.Graph.Initializer(TensorEditor.FromRaw(g.Name(), DataType.Int8, [3]))]);
        g.Add(Form.Image, g.Graph.Node("Conv", [x.Name, real, g.Weights(1, wide)]), 1, wide, x.Dims[2], x.Dims[3]);
    }
}
