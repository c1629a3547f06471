using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Pow: aᵇ with broadcasting. The gradient of the exponent is that of a positive base; elsewhere it is taken as zero.</summary>
internal sealed class PowRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Pow"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (string a, string b, string dy) = (node.Input[0], node.Input[1], g.OutputGradient);
        if (g.Wants(0))
        {
            g.GiveReduced(0, w.Mul(dy, Base(g, w, a, b)), g.OutputDims);
        }

        if (g.Wants(1))
        {
            string positive = w.Greater(a, w.Scalar(0));
            string log = w.Node("Log", [w.Where(positive, a, w.Scalar(1))]);
            g.GiveReduced(1, w.Mul(dy, w.Mul(node.Output[0], log)), g.OutputDims);
        }
    }

    private static string Base(GradientContext g, GraphWriter w, string a, string b)
    {
        if (g.Constant(1) is { } constant && TensorReader.Count(constant) == 1)
        {
            double exponent = TensorReader.ToFloats(constant)[0];
            return exponent == 2 ? w.Mul(a, 2)
                : exponent == 1 ? w.Fill(g.OutputDims, 1)
                : w.Mul(w.Node("Pow", [a, w.Scalar(exponent - 1)]), exponent);
        }

        return w.Mul(b, w.Node("Pow", [a, w.Sub(b, w.Scalar(1))]));
    }
}
