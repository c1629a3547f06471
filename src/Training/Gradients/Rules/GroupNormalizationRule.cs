using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// GroupNormalization (Wu and He, 2018): channels in groups, each group of each sample over its channels and positions. Scale
/// and bias are [groups] in opset 18 and [C] from opset 21 on.
/// </summary>
internal sealed class GroupNormalizationRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["GroupNormalization"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] dims = g.OutputDims;
        long groups = node.GetInt("num_groups", 1);
        long positions = dims[2..].Aggregate(1L, (a, d) => a * d);
        long[] grouped = [dims[0], groups, dims[1] / groups, positions];
        // [groups] or [C], as they lie over the grouped value.
        long[] factors = g.Dims(1)[0] == groups && groups != dims[1] ? [groups, 1, 1] : [groups, dims[1] / groups, 1];
        long[] rest = factors[1] == 1 && dims[1] != groups ? [0, 2, 3] : [0, 3];
        double epsilon = node.Find("epsilon") is { HasF: true } e ? e.F : 1e-5f;
        string dy = w.Reshape(g.OutputGradient, grouped);
        (string normal, string inverse) = Normalization.Statistics(w, w.Reshape(node.Input[0], grouped), [2, 3], epsilon);
        if (g.Wants(0))
        {
            string scaled = w.Mul(dy, w.Reshape(node.Input[1], factors));
            g.Give(0, w.Reshape(Normalization.Backward(w, scaled, normal, inverse, [2, 3]), dims));
        }

        if (g.Wants(1))
        {
            g.Give(1, w.Reshape(w.ReduceSum(w.Mul(dy, normal), rest), g.Dims(1)));
        }

        if (g.Wants(2))
        {
            g.Give(2, w.Reshape(w.ReduceSum(dy, rest), g.Dims(2)));
        }
    }
}
