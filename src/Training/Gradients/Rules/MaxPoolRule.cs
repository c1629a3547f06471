using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// MaxPool: the gradient goes to the element that the forward pass reports as the maximum (its second output). MaxUnpool writes
/// and does not add, so windows that overlap are taken in classes that do not: every m-th window of an axis, m·stride ≥ extent.
/// </summary>
internal sealed class MaxPoolRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["MaxPool"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        if (g.Writer.Opset < 9 || node.GetInt("storage_order", 0) != 0)
        {
            throw g.Unsupported("it is of an opset before 9 or stores its indices by columns");
        }

        GraphWriter w = g.Writer;
        long[] input = g.Dims(0);
        PoolGeometry pool = PoolGeometry.Of(node, input, g.OutputDims);
        string indices = g.NameOutput(1);
        long[] classes = [.. Enumerable.Range(0, pool.Rank).Select(a => Math.Min(pool.Output[a], Classes(pool, a)))];
        long count = classes.Aggregate(1L, (a, c) => a * c);
        var parts = new List<string>();
        for (long part = 0; part < count; part++)
        {
            long[] start = new long[pool.Rank];
            long rest = part;
            for (int a = 0; a < pool.Rank; a++)
            {
                start[a] = rest % classes[a];
                rest /= classes[a];
            }

            string dy = Every(w, pool, g.OutputGradient, start, classes);
            parts.Add(w.Node("MaxUnpool", [dy, Every(w, pool, indices, start, classes), w.Ints(input)], n =>
            {
                // The kernel only serves a default shape, which the third input replaces.
                n.SetInts("kernel_shape", pool.Kernel);
                n.SetInts("strides", pool.Strides);
            }));
        }

        g.Give(0, w.Sum(parts));
    }

    private static long Classes(PoolGeometry pool, int axis)
    {
        long extent = (pool.Dilations[axis] * (pool.Kernel[axis] - 1)) + 1;
        return (extent + pool.Strides[axis] - 1) / pool.Strides[axis];
    }

    private static string Every(GraphWriter w, PoolGeometry pool, string value, long[] start, long[] step)
    {
        if (step.All(s => s == 1))
        {
            return value;
        }

        long[] axes = [.. Enumerable.Range(2, pool.Rank)];
        return w.Slice(value, axes, start, ConvGeometry.Repeat(long.MaxValue, pool.Rank), step);
    }
}
