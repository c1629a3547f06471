using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Expand: the gradient is summed over what was broadcast.</summary>
internal sealed class ExpandRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Expand"];

    public void Differentiate(NodeProto node, GradientContext g) => g.GiveReduced(0, g.OutputGradient, g.OutputDims);
}
