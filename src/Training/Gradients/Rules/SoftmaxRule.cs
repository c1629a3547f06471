using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Softmax and LogSoftmax; before opset 13 over all axes from the given one on.</summary>
internal sealed class SoftmaxRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Softmax", "LogSoftmax"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] axes = Axes(node, g);
        (string y, string dy) = (node.Output[0], g.OutputGradient);
        if (node.OpType == "Softmax")
        {
            string weighted = w.Mul(dy, y);
            g.Give(0, w.Sub(weighted, w.Mul(y, w.ReduceSum(weighted, axes))));
        }
        else
        {
            g.Give(0, w.Sub(dy, w.Mul(w.Exp(y), w.ReduceSum(dy, axes))));
        }
    }

    private static long[] Axes(NodeProto node, GradientContext g)
    {
        int rank = g.Rank(0);
        bool single = g.Writer.Opset >= 13;
        int axis = g.Axis("axis", single ? -1 : 1, rank);
        return single ? [axis] : [.. Enumerable.Range(axis, rank - axis).Select(a => (long)a)];
    }
}
