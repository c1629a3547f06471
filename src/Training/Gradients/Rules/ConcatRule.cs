using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Concat: each input gets its part of the gradient.</summary>
internal sealed class ConcatRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Concat"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        int axis = g.Axis("axis", 0, g.OutputDims.Length);
        long start = 0;
        for (int i = 0; i < node.Input.Count; i++)
        {
            long end = start + g.Dims(i)[axis];
            if (g.Wants(i))
            {
                g.Give(i, node.Input.Count == 1 ? g.OutputGradient : g.Writer.Slice(g.OutputGradient, [axis], [start], [end]));
            }

            start = end;
        }
    }
}
