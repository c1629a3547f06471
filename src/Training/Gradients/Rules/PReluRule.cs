using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>PRelu: x where it is positive, slope·x elsewhere; the slope is broadcast.</summary>
internal sealed class PReluRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["PRelu"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (string x, string slope, string dy) = (node.Input[0], node.Input[1], g.OutputGradient);
        string positive = w.Greater(x, w.Scalar(0));
        if (g.Wants(0))
        {
            g.Give(0, w.Where(positive, dy, w.Mul(dy, slope)));
        }

        if (g.Wants(1))
        {
            g.GiveReduced(1, w.Where(positive, w.Scalar(0), w.Mul(dy, x)), g.OutputDims);
        }
    }
}
