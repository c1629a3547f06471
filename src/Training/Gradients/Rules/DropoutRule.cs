using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Dropout as inference executes it, which is the identity. Dropout in training is made of Mul and a mask.</summary>
internal sealed class DropoutRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Dropout"];

    public void Differentiate(NodeProto node, GradientContext g) => g.Give(0, g.OutputGradient);
}
