using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceSumSquare, ReduceL1, ReduceL2 and ReduceLogSumExp over any axes.</summary>
internal sealed class ReduceRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } =
        ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceLogSumExp"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        string x = node.Input[0];
        long[] dims = g.Dims(0);
        long[]? given = g.ConstantInts(1, "its axes") ?? node.GetInts("axes");
        if (given is null or { Length: 0 })
        {
            if (node.GetInt("noop_with_empty_axes", 0) != 0)
            {
                throw g.Unsupported("it reduces no axis");
            }

            given = [.. Enumerable.Range(0, dims.Length).Select(a => (long)a)];
        }

        int[] axes = [.. given.Select(a => g.Normal(a, dims.Length))];
        long[] kept = [.. dims.Select((d, a) => axes.Contains(a) ? 1 : d)];
        long[] reduced = [.. axes.Select(a => (long)a)];
        string dy = w.Reshape(g.OutputGradient, kept);
        string y = w.Reshape(node.Output[0], kept);
        g.Give(0, node.OpType switch
        {
            "ReduceSum" => w.Expand(dy, dims),
            "ReduceMean" => w.Expand(w.Mul(dy, 1.0 / Math.Max(1, axes.Aggregate(1L, (p, a) => p * dims[a]))), dims),
            "ReduceSumSquare" => w.Mul(x, w.Mul(dy, 2)),
            "ReduceL1" => w.Mul(w.Node("Sign", [x]), dy),
            "ReduceL2" => w.Mul(x, w.Div(dy, y)),
            "ReduceLogSumExp" => w.Mul(w.Exp(w.Sub(x, y)), dy),
            _ => Extremum(w, x, y, dy, reduced),
        });
    }

    // Elements that tie share the gradient.
    private static string Extremum(GraphWriter w, string x, string y, string dy, long[] axes)
    {
        string hit = w.Indicator(w.Node("Equal", [x, y]));
        return w.Mul(hit, w.Div(dy, w.ReduceSum(hit, axes)));
    }
}
