using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Pieces of transformers, as exporters write them: 5 tokens of width 12, 3 heads of width 4 unless said otherwise.</summary>
internal static class AttentionParts
{
    public const int Tokens = 5;
    public const int Width = 12;

    public static CouplingOptions Inexact { get; } = new() { AllowInexact = true };

    public static CouplingOptions InsideHeads { get; } = new() { Kinds = [UnitKind.Neuron] };

    public static string X(this GraphBuilder g, int width = Width) => g.Input("x", 1, Tokens, width);

    public static string Scalar(this GraphBuilder g, string name, float value) => g.Initializer(TensorEditor.FromFloats(name, [value]));

    /// <summary>MatMul and bias over the last axis.</summary>
    public static string Dense(this GraphBuilder g, string x, int input, int output) =>
        g.Node("Add", [g.Node("MatMul", [x, g.Weights(input, output)]), g.Weights(output)]);

    public static string Perm(this GraphBuilder g, string x, params long[] order) => g.Node("Transpose", [x], ("perm", order));

    public static string Shaped(this GraphBuilder g, string x, params long[] dims) => g.Node("Reshape", [x, g.Ints(dims)]);

    /// <summary>[1, L, heads·width] to [1, heads, L, width].</summary>
    public static string ToHeads(this GraphBuilder g, string x, int heads, int width) => g.Perm(g.Shaped(x, 1, Tokens, heads, width), 0, 2, 1, 3);

    /// <summary>Scores, softmax, mixture: [1, heads, L, width].</summary>
    public static string Mix(this GraphBuilder g, string q, string k, string v)
    {
        string scores = g.Node("MatMul", [g.Node("Mul", [q, g.Weights()]), g.Perm(k, 0, 1, 3, 2)]);
        return g.Node("MatMul", [g.Node("Softmax", [scores], ("axis", -1)), v]);
    }

    /// <summary>[1, heads, L, width] back to [1, L, heads·width] and through the last projection.</summary>
    public static string FromHeads(this GraphBuilder g, string mixed, int heads, int width, int output = Width) =>
        g.Dense(g.Shaped(g.Perm(mixed, 0, 2, 1, 3), 1, Tokens, heads * width), heads * width, output);

    /// <summary>Attention with q, k and v made by three matrices.</summary>
    public static string SelfAttention(this GraphBuilder g, string x, int width = Width, int heads = 3, int each = 4)
    {
        string[] qkv = [.. Enumerable.Range(0, 3).Select(_ => g.ToHeads(g.Dense(x, width, heads * each), heads, each))];
        return g.FromHeads(g.Mix(qkv[0], qkv[1], qkv[2]), heads, each, width);
    }

    /// <summary>Two layers with GELU between them, in the form that exporters write out.</summary>
    public static string Mlp(this GraphBuilder g, string x, int width, int hidden) => g.Dense(g.GeluByErf(g.Dense(x, width, hidden)), hidden, width);

    public static string GeluByErf(this GraphBuilder g, string x)
    {
        string erf = g.Node("Erf", [g.Node("Div", [x, g.Weights()])]);
        return g.Node("Mul", [g.Node("Mul", [x, g.Node("Add", [erf, g.Weights()])]), g.Weights()]);
    }

    public static string GeluByTanh(this GraphBuilder g, string x)
    {
        string cubic = g.Node("Mul", [g.Node("Pow", [x, g.Scalar($"{x}_three", 3)]), g.Weights()]);
        string tanh = g.Node("Tanh", [g.Node("Mul", [g.Node("Add", [x, cubic]), g.Weights()])]);
        return g.Node("Mul", [g.Node("Mul", [x, g.Weights()]), g.Node("Add", [tanh, g.Scalar($"{x}_one", 1)])]);
    }

    /// <summary>LayerNormalization in its parts, as exporters write it below opset 17.</summary>
    public static string LayerNormByParts(this GraphBuilder g, string x, int width)
    {
        string centred = g.Node("Sub", [x, g.Mean(x)]);
        string variance = g.Mean(g.Node("Pow", [centred, g.Scalar($"{x}_two", 2)]));
        string deviation = g.Node("Sqrt", [g.Node("Add", [variance, g.Scalar($"{x}_epsilon", 1e-5f)])]);
        return g.Node("Add", [g.Node("Mul", [g.Node("Div", [centred, deviation]), g.Weights(width)]), g.Weights(width)]);
    }

    public static string RmsNormByParts(this GraphBuilder g, string x, int width)
    {
        string mean = g.Node("Add", [g.Mean(g.Node("Mul", [x, x])), g.Scalar($"{x}_epsilon", 1e-5f)]);
        return g.Node("Mul", [g.Node("Mul", [x, g.Node("Reciprocal", [g.Node("Sqrt", [mean])])]), g.Weights(width)]);
    }

    public static string LayerNorm(this GraphBuilder g, string x, int width) =>
        g.Node("LayerNormalization", [x, g.Weights(width), g.Weights(width)], ("axis", -1));

    /// <summary>A whole encoder layer, normalised before each part.</summary>
    public static string EncoderLayer(this GraphBuilder g, string x, int width, int heads, int each, int hidden)
    {
        string attended = g.Node("Add", [x, g.SelfAttention(g.LayerNorm(x, width), width, heads, each)]);
        return g.Node("Add", [attended, g.Mlp(g.LayerNorm(attended, width), width, hidden)]);
    }

    private static string Mean(this GraphBuilder g, string x) => g.Node("ReduceMean", [x], ("axes", new long[] { -1 }), ("keepdims", 1));
}
