using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Where: the gradient goes to the value that was taken.</summary>
internal sealed class WhereRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Where"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        string zero = w.Scalar(0);
        if (g.Wants(1))
        {
            g.GiveReduced(1, w.Where(node.Input[0], g.OutputGradient, zero), g.OutputDims);
        }

        if (g.Wants(2))
        {
            g.GiveReduced(2, w.Where(node.Input[0], zero, g.OutputGradient), g.OutputDims);
        }
    }
}
