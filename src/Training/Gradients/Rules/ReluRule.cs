using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Relu: the gradient passes where the output is positive, as in PyTorch (none at zero).</summary>
internal sealed class ReluRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Relu"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        g.Give(0, w.Where(w.Greater(g.Output, w.Scalar(0)), g.OutputGradient, w.Scalar(0)));
    }
}
