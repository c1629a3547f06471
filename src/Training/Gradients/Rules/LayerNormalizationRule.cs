using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>LayerNormalization (Ba et al., 2016) over the axes from the given one on; scale and bias have their shape.</summary>
internal sealed class LayerNormalizationRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["LayerNormalization"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (string x, string dy) = (node.Input[0], g.OutputGradient);
        long[] dims = g.OutputDims;
        int axis = g.Axis("axis", -1, dims.Length);
        long[] axes = [.. Enumerable.Range(axis, dims.Length - axis).Select(a => (long)a)];
        double epsilon = node.Find("epsilon") is { HasF: true } e ? e.F : 1e-5f;
        (string normal, string inverse) = Normalization.Statistics(w, x, axes, epsilon);
        if (g.Wants(0))
        {
            g.Give(0, Normalization.Backward(w, w.Mul(dy, node.Input[1]), normal, inverse, axes));
        }

        if (g.Wants(1))
        {
            g.GiveReduced(1, w.Mul(dy, normal), dims);
        }

        if (g.Wants(2))
        {
            g.GiveReduced(2, dy, dims);
        }
    }
}
