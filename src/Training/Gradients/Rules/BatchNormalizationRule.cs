using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>BatchNormalization with frozen statistics: y = γ·(x − μ)/√(σ² + ε) + β for each channel.</summary>
internal sealed class BatchNormalizationRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["BatchNormalization"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        if (node.GetInt("training_mode", 0) != 0)
        {
            throw g.Unsupported("it is in training form, which is made anew from the inference form");
        }

        if (g.Wants(3) || g.Wants(4))
        {
            throw g.Unsupported("its running mean or variance is to be trained");
        }

        GraphWriter w = g.Writer;
        string dy = g.OutputGradient;
        long[] dims = g.OutputDims;
        long[] channel = [dims[1], .. ConvGeometry.Repeat(1, dims.Length - 2)];
        double epsilon = node.Find("epsilon") is { HasF: true } e ? e.F : 1e-5f;
        string inverse = w.Node("Reciprocal", [w.Sqrt(w.Add(node.Input[4], w.Scalar(epsilon)))]);
        if (g.Wants(0))
        {
            g.Give(0, w.Mul(dy, w.Reshape(w.Mul(node.Input[1], inverse), channel)));
        }

        long[] rest = [0, .. Enumerable.Range(2, dims.Length - 2)];
        string? sum = g.Wants(1) || g.Wants(2) ? w.ReduceSum(dy, rest, keep: false) : null;
        if (g.Wants(1))
        {
            // Σ dy·(x − μ) = Σ dy·x − μ·Σ dy.
            string dot = w.ReduceSum(w.Mul(dy, node.Input[0]), rest, keep: false);
            g.Give(1, w.Mul(w.Sub(dot, w.Mul(sum!, node.Input[3])), inverse));
        }

        if (g.Wants(2))
        {
            g.Give(2, sum!);
        }
    }
}
