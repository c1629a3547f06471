using EdgePrune.TestSupport;

namespace EdgePrune.Bench.CouplingTable.Networks;

/// <summary>Layers that the generated networks share.</summary>
internal static class Layers
{
    /// <summary>A convolution with bias and the padding that keeps the size, or divides it by the stride.</summary>
    public static string Convolve(this GraphBuilder g, string x, int input, int output, int kernel, int stride) => g.Node(
        "Conv",
        [x, g.Weights(output, input, kernel, kernel), g.Weights(output)],
        ("strides", new long[] { stride, stride }),
        ("pads", new long[] { kernel / 2, kernel / 2, kernel / 2, kernel / 2 }));

    public static string MaxPool(this GraphBuilder g, string x, int kernel, int stride) => g.Node(
        "MaxPool",
        [x],
        ("kernel_shape", new long[] { kernel, kernel }),
        ("strides", new long[] { stride, stride }),
        ("pads", new long[] { (kernel - 1) / 2, (kernel - 1) / 2, kernel % 2 == 0 ? 0 : kernel / 2, kernel % 2 == 0 ? 0 : kernel / 2 }));

    public static string Concat(this GraphBuilder g, int axis, params string[] values) => g.Node("Concat", values, ("axis", axis));

    /// <summary>x · W + b over the last axis.</summary>
    public static string Project(this GraphBuilder g, string x, int input, int output) =>
        g.Node("Add", [g.Node("MatMul", [x, g.Weights(input, output)]), g.Weights(output)]);

    public static string LayerNorm(this GraphBuilder g, string x, int width) =>
        g.Node("LayerNormalization", [x, g.Weights(width), g.Weights(width)], ("axis", -1));

    /// <summary>The two layers between which the error function's GELU stands.</summary>
    public static string Mlp(this GraphBuilder g, string x, int width, int hidden)
    {
        string inner = g.Project(x, width, hidden);
        string bell = g.Node("Add", [g.Node("Erf", [g.Node("Div", [inner, g.Constant(1.4142135f)])]), g.Constant(1)]);
        return g.Project(g.Node("Mul", [g.Node("Mul", [inner, bell]), g.Constant(0.5f)]), hidden, width);
    }

    /// <summary>Attention over [1, T, H · D], q, k and v as [1, H, T, D].</summary>
    public static string Attention(this GraphBuilder g, string q, string k, string v, int heads, int depth)
    {
        string scores = g.Node("MatMul", [g.Node("Mul", [q, g.Constant((float)(1 / Math.Sqrt(depth)))]), g.Node("Transpose", [k], ("perm", new long[] { 0, 1, 3, 2 }))]);
        string mixed = g.Node("MatMul", [g.Node("Softmax", [scores], ("axis", -1)), v]);
        return g.Node("Reshape", [g.Node("Transpose", [mixed], ("perm", new long[] { 0, 2, 1, 3 })), g.Ints(0, 0, heads * depth)]);
    }

    public static string Constant(this GraphBuilder g, float value) =>
        g.Node("Constant", [], ("value", EdgePrune.Onnx.Tensors.TensorEditor.FromFloats("value", [value])));
}
