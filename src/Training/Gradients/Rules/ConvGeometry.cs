using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// The sizes of a convolution from a large side [N, C, large…] to a small side [N, O, small…]: position s·p + d·k − pad of the
/// large side meets position p of the small one through tap k. A transposed convolution is the same with the sides exchanged.
/// </summary>
internal sealed record ConvGeometry(
    long Batch, long Channels, long Filters, long Groups, long[] Large, long[] Small, long[] Kernel, long[] Strides, long[] Dilations, long[] Before)
{
    public int Rank => Kernel.Length;

    /// <summary>Channels of the large side in one group.</summary>
    public long GroupChannels => Channels / Groups;

    /// <summary>Channels of the small side in one group.</summary>
    public long GroupFilters => Filters / Groups;

    public long Taps => Kernel.Aggregate(1L, (a, k) => a * k);

    public long SmallCount => Small.Aggregate(1L, (a, d) => a * d);

    public bool UnitStrides => Strides.All(s => s == 1);

    public bool Depthwise => Groups == Channels && Groups > 1;

    /// <summary>Positions of the padded large side that the kernel reaches.</summary>
    public long Reach(int axis) => (Strides[axis] * (Small[axis] - 1)) + (Dilations[axis] * (Kernel[axis] - 1)) + 1;

    /// <summary>Padding after the end that lets the kernel reach its last position; negative where it stops short of the end.</summary>
    public long After(int axis) => Reach(axis) - Large[axis] - Before[axis];

    /// <param name="node">A Conv or ConvTranspose.</param>
    /// <param name="large">Dimensions of the larger side, [N, C, …].</param>
    /// <param name="small">Dimensions of the other side, [N, O, …].</param>
    /// <param name="kernel">Dimensions of the weights.</param>
    /// <param name="transposed">True for ConvTranspose, whose output is the large side.</param>
    public static ConvGeometry Of(NodeProto node, long[] large, long[] small, long[] kernel, bool transposed)
    {
        int rank = kernel.Length - 2;
        long[] strides = node.GetInts("strides") ?? Repeat(1, rank);
        long[] dilations = node.GetInts("dilations") ?? Repeat(1, rank);
        var geometry = new ConvGeometry(
            large[0], large[1], small[1], node.GetInt("group", 1), large[2..], small[2..], kernel[2..], strides, dilations, Repeat(0, rank));
        return geometry with { Before = BeginPads(node, geometry, transposed) };
    }

    public static long[] Repeat(long value, int count) => [.. Enumerable.Repeat(value, count)];

    // ONNX operator specification, Conv and ConvTranspose: auto_pad, output_shape.
    private static long[] BeginPads(NodeProto node, ConvGeometry g, bool transposed)
    {
        string auto = node.GetString("auto_pad", "NOTSET");
        if (auto is "SAME_UPPER" or "SAME_LOWER" || (transposed && node.GetInts("output_shape") is not null))
        {
            long[] extra = transposed ? node.GetInts("output_padding") ?? Repeat(0, g.Rank) : Repeat(0, g.Rank);
            return [.. Enumerable.Range(0, g.Rank).Select(a =>
            {
                long total = Math.Max(0, g.Reach(a) + extra[a] - g.Large[a]);
                return auto == "SAME_UPPER" ? total / 2 : total - (total / 2);
            })];
        }

        return auto == "VALID" ? Repeat(0, g.Rank) : node.GetInts("pads")?[..g.Rank] ?? Repeat(0, g.Rank);
    }
}
