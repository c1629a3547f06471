using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Windows of a pooling operator over [N, C, …]: window p of an axis covers s·p + d·k − before for k in 0..kernel−1.</summary>
internal sealed record PoolGeometry(long[] Input, long[] Output, long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After)
{
    public int Rank => Kernel.Length;

    public static PoolGeometry Of(NodeProto node, long[] input, long[] output)
    {
        long[] kernel = node.GetInts("kernel_shape")!;
        int rank = kernel.Length;
        var geometry = new PoolGeometry(
            input[2..],
            output[2..],
            kernel,
            node.GetInts("strides") ?? ConvGeometry.Repeat(1, rank),
            node.GetInts("dilations") ?? ConvGeometry.Repeat(1, rank),
            ConvGeometry.Repeat(0, rank),
            ConvGeometry.Repeat(0, rank));
        string auto = node.GetString("auto_pad", "NOTSET");
        if (auto is "SAME_UPPER" or "SAME_LOWER")
        {
            long[] total = [.. Enumerable.Range(0, rank).Select(a => Math.Max(0, geometry.Reach(a) - geometry.Input[a]))];
            long[] less = [.. total.Select(t => t / 2)];
            long[] more = [.. total.Select(t => t - (t / 2))];
            return auto == "SAME_UPPER" ? geometry with { Before = less, After = more } : geometry with { Before = more, After = less };
        }

        return auto == "NOTSET" && node.GetInts("pads") is { } pads ? geometry with { Before = pads[..rank], After = pads[rank..] } : geometry;
    }

    /// <summary>Positions, padding before included, that the windows reach.</summary>
    public long Reach(int axis) => (Strides[axis] * (Output[axis] - 1)) + (Dilations[axis] * (Kernel[axis] - 1)) + 1;

    /// <summary>How many positions a window of an axis covers: inside the input, or inside the padded input.</summary>
    public long Covered(int axis, long window, bool padding)
    {
        long from = padding ? -Before[axis] : 0;
        long to = Input[axis] + (padding ? After[axis] : 0);
        long first = (Strides[axis] * window) - Before[axis];
        return Enumerable.Range(0, (int)Kernel[axis]).Count(k => first + (Dilations[axis] * k) >= from && first + (Dilations[axis] * k) < to);
    }

    /// <summary>True where the windows lie side by side and cover the input from its start.</summary>
    public bool Tiles => Enumerable.Range(0, Rank).All(a => Strides[a] == Kernel[a] && Dilations[a] == 1 && Before[a] == 0 && Input[a] >= Output[a] * Kernel[a]);
}
