using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>GlobalAveragePool and GlobalMaxPool over all positions of [N, C, …]; positions that tie share the gradient.</summary>
internal sealed class GlobalPoolRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["GlobalAveragePool", "GlobalMaxPool"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] dims = g.Dims(0);
        if (node.OpType == "GlobalAveragePool")
        {
            double share = 1.0 / dims[2..].Aggregate(1L, (a, d) => a * d);
            g.Give(0, w.Expand(w.Mul(g.OutputGradient, share), dims));
            return;
        }

        string hit = w.Indicator(w.Node("Equal", [node.Input[0], node.Output[0]]));
        string count = w.ReduceSum(hit, [.. Enumerable.Range(2, dims.Length - 2)]);
        g.Give(0, w.Mul(hit, w.Div(g.OutputGradient, count)));
    }
}
