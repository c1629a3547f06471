using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Importance;

/// <summary>Networks small enough to compute by hand.</summary>
internal static class SmallNetworks
{
    /// <summary>Weights of <see cref="TwoLayers"/>, rows are outputs: hidden [3, 2] with bias [3], then out [2, 3] with bias [2].</summary>
    public static readonly double[,] Hidden = { { 1, -2 }, { 0.5, 0.25 }, { -3, 1 } };

    public static readonly double[] HiddenBias = [0.1, -0.2, 0.3];

    public static readonly double[,] Out = { { 2, -1, 0.5 }, { 1, 3, -2 } };

    public static readonly double[] OutBias = [0.05, -0.05];

    /// <summary>x [N, 2] → Gemm → Relu → Gemm → [N, 2]; three hidden neurons are the units, in order.</summary>
    public static OnnxModel TwoLayers(long batch = -1)
    {
        var g = new GraphBuilder();
        string hidden = g.Node(
            "Gemm", [g.Input("x", batch, 2), g.Initializer(Tensor("a", Hidden)), g.Initializer(Vector("a_bias", HiddenBias))], ("transB", 1));
        string y = g.Node("Gemm", [g.Relu(hidden), g.Initializer(Tensor("b", Out)), g.Initializer(Vector("b_bias", OutBias))], ("transB", 1));
        return g.Output(y).Build();
    }

    /// <summary>Hidden values of <see cref="TwoLayers"/> after Relu.</summary>
    public static double[] HiddenOf(double[] x) =>
        [.. Enumerable.Range(0, 3).Select(u => Math.Max(0, HiddenBias[u] + (Hidden[u, 0] * x[0]) + (Hidden[u, 1] * x[1])))];

    /// <summary>Outputs of <see cref="TwoLayers"/>, the hidden values times <paramref name="gate"/>.</summary>
    public static double[] OutputOf(double[] x, double[]? gate = null)
    {
        double[] h = HiddenOf(x);
        return [.. Enumerable.Range(0, 2).Select(o => OutBias[o] + Enumerable.Range(0, 3).Sum(u => Out[o, u] * h[u] * (gate?[u] ?? 1)))];
    }

    public static EdgePrune.Onnx.Proto.TensorProto Tensor(string name, double[,] values) =>
        TensorEditor.FromFloats(name, [.. values.Cast<double>().Select(v => (float)v)], values.GetLength(0), values.GetLength(1));

    public static EdgePrune.Onnx.Proto.TensorProto Vector(string name, double[] values) =>
        TensorEditor.FromFloats(name, Array.ConvertAll(values, v => (float)v), values.Length);
}
