using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Operators that keep the elements in their order: the gradient takes the input's shape.</summary>
internal sealed class ReshapeRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"];

    public void Differentiate(NodeProto node, GradientContext g) =>
        g.Give(0, node.OpType == "Identity" ? g.OutputGradient : g.Writer.Reshape(g.OutputGradient, g.Dims(0)));
}
