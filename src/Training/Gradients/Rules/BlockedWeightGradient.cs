using EdgePrune.Onnx.Graphs;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// The weight gradient of a convolution as a convolution: the samples of the batch take the place of channels, the large side is
/// convolved with the small side as kernel, strides and dilations change places. With the runtime's plain convolution this is
/// slow; its blocked one needs no unfolding and does it at about the speed of the forward pass (bench/conv-gradient).
/// </summary>
internal static class BlockedWeightGradient
{
    public static bool Fits(GraphWriter w, ConvGeometry c) =>
        w.Block > 0 && c.Rank == 2 && c.Groups == 1 && c.Taps > 1 && c.Batch % w.Block == 0 && c.Filters % w.Block == 0
        && c.After(0) >= 0 && c.After(1) >= 0;

    /// <summary>True for <see cref="WriteDepthwise"/>.</summary>
    public static bool FitsDepthwise(GraphWriter w, ConvGeometry c) =>
        BlockedConv.Fits(w, c) && c.Depthwise && c.After(0) >= 0 && c.After(1) >= 0;

    /// <summary>
    /// One channel a group: each channel of each sample is convolved with its own gradient as kernel, and the results are summed
    /// over the batch. Both sides lie in blocks as the convolution and its input gradient left them, and a block of a sample is
    /// laid out as a block of channels or of depthwise kernels is: nothing is copied.
    /// </summary>
    public static string WriteDepthwise(GraphWriter w, ConvGeometry c, string large, string small)
    {
        long all = c.Batch * c.Channels;
        string input = w.Reshape(BlockedLayout.From(w, large), [1, all, .. c.Large]);
        string kernel = w.Reshape(BlockedLayout.From(w, small), [all, 1, .. c.Small]);
        string gradients = Convolve(w, c, input, kernel, all);
        string apart = w.Reshape(BlockedLayout.To(w, gradients, all), [c.Batch, c.Channels, 1, .. c.Kernel]);
        return w.ReduceSum(apart, [0], keep: false);
    }

    public static string Write(GraphWriter w, ConvGeometry c, string large, string small)
    {
        int block = w.Block;
        string input = BlockedLayout.From(w, w.Transpose(large, 1, 0, 2, 3));

        // Blocked [N, O/b, P, bₒ] → [O/b, N/b, P, bₙ, bₒ], the order of a blocked kernel [O, N, …].
        string apart = w.Reshape(BlockedLayout.From(w, small), c.Batch / block, block, c.Filters / block, c.SmallCount, block);
        string kernel = w.Reshape(w.Transpose(apart, 2, 0, 3, 1, 4), c.Filters, c.Batch, c.Small[0], c.Small[1]);
        return w.Transpose(BlockedLayout.To(w, Convolve(w, c, input, kernel, 1), c.Filters), 1, 0, 2, 3);
    }

    private static string Convolve(GraphWriter w, ConvGeometry c, string input, string kernel, long groups) => w.Node("Conv", [input, kernel], n =>
    {
        n.Domain = BlockedLayout.Domain;
        n.SetInt("group", groups);
        n.SetInts("kernel_shape", c.Small);
        n.SetInts("strides", c.Dilations);
        n.SetInts("dilations", c.Strides);
        n.SetInts("pads", [.. c.Before, c.After(0), c.After(1)]);
    });
}
