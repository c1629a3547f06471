using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Slice: the gradient goes back to where the elements were taken, zeros elsewhere.</summary>
internal sealed class SliceRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Slice"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] whole = g.Dims(0);
        long[] part = g.OutputDims;
        int rank = whole.Length;
        long[] starts = (g.ConstantInts(1, "its starts") ?? node.GetInts("starts"))!;
        long[] axes = g.ConstantInts(3, "its axes") ?? node.GetInts("axes") ?? [.. Enumerable.Range(0, starts.Length).Select(a => (long)a)];
        long[] steps = g.ConstantInts(4, "its steps") ?? ConvGeometry.Repeat(1, starts.Length);
        long[] before = new long[rank];
        long[] step = ConvGeometry.Repeat(1, rank);
        var turned = new List<long>();
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = g.Normal(axes[i], rank);
            long first = starts[i] < 0 ? starts[i] + whole[axis] : starts[i];
            first = Math.Clamp(first, 0, steps[i] < 0 ? whole[axis] - 1 : whole[axis]);
            step[axis] = Math.Abs(steps[i]);
            if (steps[i] < 0)
            {
                turned.Add(axis);
                first -= (part[axis] - 1) * step[axis];
            }

            before[axis] = first;
        }

        string dy = turned.Count == 0 ? g.OutputGradient : w.Slice(
            g.OutputGradient,
            [.. turned],
            ConvGeometry.Repeat(-1, turned.Count),
            ConvGeometry.Repeat(long.MinValue, turned.Count),
            ConvGeometry.Repeat(-1, turned.Count));
        g.Give(0, Spread(w, dy, whole, part, before, step));
    }

    private static string Spread(GraphWriter w, string dy, long[] whole, long[] part, long[] before, long[] step)
    {
        int rank = whole.Length;
        long[] size = [.. part];
        if (step.Any(s => s > 1))
        {
            // A zero tail behind each element, on an axis of its own, makes the elements lie their step apart.
            long[] tails = new long[4 * rank];
            for (int axis = 0; axis < rank; axis++)
            {
                tails[(2 * rank) + (2 * axis) + 1] = step[axis] - 1;
                size[axis] = part[axis] * step[axis];
            }

            dy = w.Reshape(w.Pad(w.Reshape(dy, [.. part.SelectMany(d => new[] { d, 1 })]), tails), size);
        }

        return w.Pad(dy, [.. before, .. Enumerable.Range(0, rank).Select(a => whole[a] - before[a] - size[a])]);
    }
}
