using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Clip with constant bounds: the gradient passes inside the bounds and, as in PyTorch, on them.</summary>
internal sealed class ClipRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Clip"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        string result = g.OutputGradient;
        if (g.ConstantReal(1, "min") is { } min && min > float.MinValue)
        {
            result = w.Where(w.Less(node.Input[0], w.Scalar(min)), w.Scalar(0), result);
        }

        if (g.ConstantReal(2, "max") is { } max && max < float.MaxValue)
        {
            result = w.Where(w.Greater(node.Input[0], w.Scalar(max)), w.Scalar(0), result);
        }

        g.Give(0, result);
    }
}
