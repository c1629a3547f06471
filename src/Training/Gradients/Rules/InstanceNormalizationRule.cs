using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>InstanceNormalization: each channel of each sample over its positions; scale and bias [C].</summary>
internal sealed class InstanceNormalizationRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["InstanceNormalization"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        string dy = g.OutputGradient;
        long[] dims = g.OutputDims;
        long[] axes = [.. Enumerable.Range(2, dims.Length - 2).Select(a => (long)a)];
        long[] rest = [0, .. axes];
        double epsilon = node.Find("epsilon") is { HasF: true } e ? e.F : 1e-5f;
        (string normal, string inverse) = Normalization.Statistics(w, node.Input[0], axes, epsilon);
        if (g.Wants(0))
        {
            string scale = w.Reshape(node.Input[1], [dims[1], .. ConvGeometry.Repeat(1, axes.Length)]);
            g.Give(0, Normalization.Backward(w, w.Mul(dy, scale), normal, inverse, axes));
        }

        if (g.Wants(1))
        {
            g.Give(1, w.ReduceSum(w.Mul(dy, normal), rest, keep: false));
        }

        if (g.Wants(2))
        {
            g.Give(2, w.ReduceSum(dy, rest, keep: false));
        }
    }
}
