using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Steps, whose gradient is zero wherever it exists.</summary>
internal sealed class ZeroGradientRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Floor", "Ceil", "Round", "Sign"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        // Nothing is given: an input that gets no other contribution is reported as not reaching the loss.
    }
}
