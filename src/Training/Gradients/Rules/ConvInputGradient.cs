using EdgePrune.Onnx.Graphs;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// The gradient of a convolution's input, [N, C, large…]. With strides of one it is a convolution of the output's gradient with
/// the weights flipped in space and their two channel axes exchanged, which the runtime executes about twice as fast as the
/// transposed convolution that serves the other strides (bench/conv-gradient).
/// </summary>
internal static class ConvInputGradient
{
    public static string Write(GraphWriter w, ConvGeometry c, string dy, string weights)
    {
        long[] before = [.. Enumerable.Range(0, c.Rank).Select(a => (c.Dilations[a] * (c.Kernel[a] - 1)) - c.Before[a])];
        return c.UnitStrides && before.All(p => p >= 0) && Enumerable.Range(0, c.Rank).All(a => After(c, a, before[a]) >= 0)
            ? Flipped(w, c, dy, weights, before)
            : Transposed(w, c, dy, weights);
    }

    // large = small + before + after − d(k − 1).
    private static long After(ConvGeometry c, int axis, long before) =>
        c.Large[axis] - c.Small[axis] - before + (c.Dilations[axis] * (c.Kernel[axis] - 1));

    private static string Flipped(GraphWriter w, ConvGeometry c, string dy, string weights, long[] before)
    {
        string flipped = Flip(w, c, weights);
        ConvGeometry back = new(c.Batch, c.Filters, c.Channels, c.Groups, c.Small, c.Large, c.Kernel, c.Strides, c.Dilations, before);
        if (BlockedConv.Fits(w, back))
        {
            return BlockedConv.Write(w, back, dy, flipped);
        }

        return w.Node("Conv", [dy, flipped], n =>
        {
            n.SetInt("group", c.Groups);
            n.SetInts("kernel_shape", c.Kernel);
            n.SetInts("dilations", c.Dilations);
            n.SetInts("pads", [.. before, .. Enumerable.Range(0, c.Rank).Select(back.After)]);
        });
    }

    // [O, C/g, k…] → [C, O/g, k…].
    private static string Flip(GraphWriter w, ConvGeometry c, string weights)
    {
        int rank = c.Rank;
        string exchanged;
        if (c.Groups == 1)
        {
            exchanged = w.Transpose(weights, [1, 0, .. Enumerable.Range(2, rank)]);
        }
        else if (c.GroupFilters == 1 && c.GroupChannels == 1)
        {
            exchanged = weights;
        }
        else
        {
            string split = w.Reshape(weights, [c.Groups, c.GroupFilters, c.GroupChannels, .. c.Kernel]);
            exchanged = w.Reshape(w.Transpose(split, [0, 2, 1, .. Enumerable.Range(3, rank)]), [c.Channels, c.GroupFilters, .. c.Kernel]);
        }

        int[] turned = [.. Enumerable.Range(0, rank).Where(a => c.Kernel[a] > 1)];
        return turned.Length == 0 ? exchanged : w.Flip(exchanged, [.. turned.Select(a => a + 2L)], [.. turned.Select(a => c.Kernel[a])]);
    }

    private static string Transposed(GraphWriter w, ConvGeometry c, string dy, string weights)
    {
        // Positions behind the kernel's reach get no gradient: output_padding where the strides allow it, zeros else.
        long[] after = [.. Enumerable.Range(0, c.Rank).Select(c.After)];
        string dx = w.Node("ConvTranspose", [dy, weights], n =>
        {
            n.SetInt("group", c.Groups);
            n.SetInts("kernel_shape", c.Kernel);
            n.SetInts("strides", c.Strides);
            n.SetInts("dilations", c.Dilations);
            n.SetInts("pads", [.. c.Before, .. after.Select(p => Math.Max(p, 0))]);
        });
        return w.Pad(dx, ConvPadding.Spatial(new long[c.Rank], after.Select(p => Math.Max(-p, 0))));
    }
}
