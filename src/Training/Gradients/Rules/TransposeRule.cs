using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Transpose: the gradient is transposed back.</summary>
internal sealed class TransposeRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Transpose"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        int rank = g.Rank(0);
        long[] perm = node.GetInts("perm") ?? [.. Enumerable.Range(0, rank).Select(a => (long)(rank - 1 - a))];
        long[] inverse = new long[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            inverse[perm[axis]] = axis;
        }

        g.Give(0, g.Writer.Transpose(g.OutputGradient, inverse));
    }
}
