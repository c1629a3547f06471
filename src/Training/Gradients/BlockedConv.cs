using EdgePrune.Onnx.Graphs;
using EdgePrune.Training.Gradients.Rules;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients;

/// <summary>
/// Convolutions by the runtime's blocked kernels (<see cref="BlockedLayout"/>). Its optimiser uses them for constant weights; those
/// of a training step are none, so that the step writes these nodes itself. With the activations carried into blocks and back
/// they take half to two thirds of the time of the plain ones (bench/conv-gradient).
/// </summary>
internal static class BlockedConv
{
    /// <summary>True where the blocked kernels serve: whole blocks of channels, or few input channels, which they read as they lie.</summary>
    public static bool Fits(GraphWriter w, ConvGeometry c) =>
        w.Block > 0 && w.Real == DataType.Float && c.Rank == 2 && c.Filters % w.Block == 0
        && (c.Groups == 1 ? c.Channels % w.Block == 0 || c.Channels < w.Block : c.Depthwise && c.GroupFilters == 1);

    /// <summary>A convolution from the large side to the small one.</summary>
    /// <param name="w">Writes into the graph.</param>
    /// <param name="c">The sizes, which must fit.</param>
    /// <param name="large">[N, C, large…].</param>
    /// <param name="weights">[O, C/g, k₀, k₁].</param>
    /// <param name="bias">[O], or null.</param>
    /// <param name="name">What the small side is to be called; a name of its own where null.</param>
    /// <returns>The small side, [N, O, small…].</returns>
    public static string Write(GraphWriter w, ConvGeometry c, string large, string weights, string? bias = null, string? name = null)
    {
        string input = Plain(w, c) ? large : BlockedLayout.From(w, large);
        string kernel = Kernel(w, c, weights);
        string small = w.Node("Conv", bias is null ? [input, kernel] : [input, kernel, bias], n =>
        {
            n.Domain = BlockedLayout.Domain;
            n.SetInt("group", c.Groups);
            n.SetInts("kernel_shape", c.Kernel);
            n.SetInts("strides", c.Strides);
            n.SetInts("dilations", c.Dilations);
            n.SetInts("pads", [.. c.Before, Math.Max(0, c.After(0)), Math.Max(0, c.After(1))]);
        });
        return BlockedLayout.To(w, small, c.Filters, name);
    }

    private static bool Plain(GraphWriter w, ConvGeometry c) => c.Groups == 1 && c.Channels < w.Block;

    // [O, C, k₀, k₁] → [O/b, C/b, k₀, k₁, b of C, b of O]; without blocks of C [O/b, C, k₀, k₁, b of O].
    private static string Kernel(GraphWriter w, ConvGeometry c, string weights)
    {
        long b = w.Block;
        (long rows, long columns) = (c.Kernel[0], c.Kernel[1]);
        string apart = Plain(w, c) || c.Groups > 1
            ? w.Transpose(w.Reshape(weights, c.Filters / b, b, c.GroupChannels, rows, columns), 0, 2, 3, 4, 1)
            : w.Transpose(w.Reshape(weights, c.Filters / b, b, c.Channels / b, b, rows, columns), 0, 2, 4, 5, 3, 1);
        return w.Reshape(apart, c.Filters, c.GroupChannels, rows, columns);
    }
}
