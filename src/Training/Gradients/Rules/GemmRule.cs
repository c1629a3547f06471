using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Gemm: Y = α·A'·B' + β·C, where A' and B' may be transposed and C is broadcast.</summary>
internal sealed class GemmRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Gemm"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (string a, string b, string dy) = (node.Input[0], node.Input[1], g.OutputGradient);
        bool transA = node.GetInt("transA", 0) != 0;
        bool transB = node.GetInt("transB", 0) != 0;
        double alpha = node.Find("alpha") is { HasF: true } given ? given.F : 1;
        double beta = node.Find("beta") is { HasF: true } factor ? factor.F : 1;
        if (g.Wants(0))
        {
            g.Give(0, transA ? w.Gemm(b, dy, transB, true, alpha) : w.Gemm(dy, b, false, !transB, alpha));
        }

        if (g.Wants(1))
        {
            g.Give(1, transB ? w.Gemm(dy, a, true, transA, alpha) : w.Gemm(a, dy, !transA, false, alpha));
        }

        if (g.Wants(2))
        {
            g.GiveReduced(2, w.Mul(dy, beta), g.OutputDims);
        }
    }
}
