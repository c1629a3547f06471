using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// MaxUnpool: what the runtime writes to position i of the output, all axes laid end to end, gets that position's gradient. Where
/// two windows name the same position only one is kept, so that the others' gradient is not defined; MaxPool's own gradient never
/// does so.
/// </summary>
internal sealed class MaxUnpoolRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["MaxUnpool"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        g.Give(0, w.Node("Gather", [w.Reshape(g.OutputGradient, -1), node.Input[1]]));
    }
}
