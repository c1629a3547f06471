using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>AveragePool: each element of a window gets the window's gradient divided by what the average was divided by.</summary>
internal sealed class AveragePoolRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["AveragePool"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] input = g.Dims(0);
        PoolGeometry pool = PoolGeometry.Of(node, input, g.OutputDims);
        string share = w.Mul(g.OutputGradient, Shares(w, pool, node.GetInt("count_include_pad", 0) != 0));
        g.Give(0, pool.Tiles ? Repeat(w, pool, share, input) : Spread(w, pool, share, input));
    }

    // 1/(number of positions) of each window, [1, 1, windows…].
    private static string Shares(GraphWriter w, PoolGeometry pool, bool padding)
    {
        double[] shares = [1];
        for (int axis = 0; axis < pool.Rank; axis++)
        {
            double[] each = [.. Enumerable.Range(0, (int)pool.Output[axis]).Select(p => 1.0 / Math.Max(1, pool.Covered(axis, p, padding)))];
            shares = [.. shares.SelectMany(s => each.Select(e => s * e))];
        }

        return shares.Distinct().Count() == 1 ? w.Scalar(shares[0]) : w.Reals(shares, [1, 1, .. pool.Output]);
    }

    // Windows side by side: every element of a window gets the same.
    private static string Repeat(GraphWriter w, PoolGeometry pool, string share, long[] input)
    {
        long[] single = [input[0], input[1], .. pool.Output.SelectMany(o => new[] { o, 1 })];
        long[] repeated = [input[0], input[1], .. pool.Output.Zip(pool.Kernel).SelectMany(p => new[] { p.First, p.Second })];
        long[] covered = [.. pool.Output.Zip(pool.Kernel).Select(p => p.First * p.Second)];
        string filled = w.Reshape(w.Expand(w.Reshape(share, single), repeated), [input[0], input[1], .. covered]);
        return w.Pad(filled, ConvPadding.Spatial(new long[pool.Rank], pool.Input.Zip(covered).Select(p => p.First - p.Second)));
    }

    // Overlapping windows add up: a transposed convolution of each channel with ones. Channels go into the batch, so that it is a
    // plain convolution of one channel.
    private static string Spread(GraphWriter w, PoolGeometry pool, string share, long[] input)
    {
        string ones = w.Reals([.. Enumerable.Repeat(1.0, (int)pool.Kernel.Aggregate(1L, (a, k) => a * k))], [1, 1, .. pool.Kernel]);
        string single = w.Reshape(share, [input[0] * input[1], 1, .. pool.Output]);
        string spread = w.Node("ConvTranspose", [single, ones], n =>
        {
            n.SetInts("kernel_shape", pool.Kernel);
            n.SetInts("strides", pool.Strides);
            n.SetInts("dilations", pool.Dilations);
        });
        long[] after = [.. Enumerable.Range(0, pool.Rank).Select(a => pool.Input[a] + pool.Before[a] - pool.Reach(a))];
        return w.Reshape(w.Pad(spread, ConvPadding.Spatial(pool.Before.Select(p => -p), after)), input);
    }
}
