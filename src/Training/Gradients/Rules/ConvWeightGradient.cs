using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// The gradient of a convolution's weights, [O, C/g, k…]: for each tap the products of the small side with the large side shifted
/// by that tap, summed over batch and positions. Which form is fastest was measured (bench/conv-gradient).
/// </summary>
internal static class ConvWeightGradient
{
    /// <param name="w">Writes into the graph.</param>
    /// <param name="c">The sizes.</param>
    /// <param name="large">[N, C, large…].</param>
    /// <param name="small">[N, O, small…].</param>
    public static string Write(GraphWriter w, ConvGeometry c, string large, string small)
    {
        if (c.Depthwise && c.GroupFilters == 1)
        {
            return BlockedWeightGradient.FitsDepthwise(w, c)
                ? BlockedWeightGradient.WriteDepthwise(w, c, large, small)
                : Depthwise(w, c, large, small);
        }

        if (w.Real == DataType.Float && BlockedWeightGradient.Fits(w, c))
        {
            return BlockedWeightGradient.Write(w, c, large, small);
        }

        return c.Rank == 2 && c.UnitStrides && c.Taps > 1 ? Separable(w, c, large, small) : Unfolded(w, c, large, small);
    }

    /// <summary>
    /// Shifts of the two axes are shared out: the large side is shifted along the columns, the small side along the rows, and one
    /// product of [k₀·O, L] with [L, k₁·C] meets every pair. So k₀ + k₁ shifted copies serve k₀·k₁ taps. Strides of one only.
    /// </summary>
    public static string Separable(GraphWriter w, ConvGeometry c, string large, string small)
    {
        (long rows, long columns) = (c.Kernel[0], c.Kernel[1]);
        long length = c.Reach(0) * c.Small[1];
        string[] left = [.. Enumerable.Range(0, (int)rows).Select(i =>
        {
            long before = c.Dilations[0] * i;
            string shifted = w.Pad(small, 0, 0, before, 0, 0, 0, c.Reach(0) - c.Small[0] - before, 0);
            return w.Reshape(shifted, c.Batch, c.Groups, c.GroupFilters, length);
        })];
        string[] right = [.. Enumerable.Range(0, (int)columns).Select(j =>
        {
            long before = c.Before[1] - (c.Dilations[1] * j);
            string shifted = w.Pad(large, 0, 0, c.Before[0], before, 0, 0, c.After(0), c.Small[1] - c.Large[1] - before);
            return w.Reshape(shifted, c.Batch, c.Groups, c.GroupChannels, length);
        })];
        string products = w.MatMul(w.Concat(left, 2), w.Transpose(w.Concat(right, 2), 0, 1, 3, 2));
        string sum = w.ReduceSum(products, [0], keep: false);
        string apart = w.Reshape(sum, c.Groups, rows, c.GroupFilters, columns, c.GroupChannels);
        return w.Reshape(w.Transpose(apart, 0, 2, 4, 1, 3), c.Filters, c.GroupChannels, rows, columns);
    }

    /// <summary>The large side shifted by every tap (im2col), and one product with the small side. Any strides.</summary>
    public static string Unfolded(GraphWriter w, ConvGeometry c, string large, string small)
    {
        string[] taps = [.. Shifts(w, c, large).Select(t => w.Reshape(t, c.Batch, c.Groups, c.GroupChannels, c.SmallCount))];
        string left = w.Reshape(small, c.Batch, c.Groups, c.GroupFilters, c.SmallCount);
        string products = w.MatMul(left, w.Transpose(w.Concat(taps, 2), 0, 1, 3, 2));
        string sum = w.ReduceSum(products, [0], keep: false);
        string apart = w.Reshape(sum, c.Groups, c.GroupFilters, c.Taps, c.GroupChannels);
        return w.Reshape(w.Transpose(apart, 0, 1, 3, 2), [c.Filters, c.GroupChannels, .. c.Kernel]);
    }

    /// <summary>One channel a group: each tap is a product element by element, summed over batch and positions.</summary>
    public static string Depthwise(GraphWriter w, ConvGeometry c, string large, string small)
    {
        long[] rest = [0, .. Enumerable.Range(2, c.Rank)];
        string[] taps = [.. Shifts(w, c, large).Select(t => w.Reshape(w.ReduceSum(w.Mul(t, small), rest, keep: false), c.Channels, 1))];
        return w.Reshape(w.Concat(taps, 1), [c.Filters, 1, .. c.Kernel]);
    }

    // The large side as each tap sees it, [N, C, small…], taps in the kernel's order.
    private static IEnumerable<string> Shifts(GraphWriter w, ConvGeometry c, string large)
    {
        string padded = w.Pad(large, ConvPadding.Spatial(c.Before, Enumerable.Range(0, c.Rank).Select(c.After)));
        long[] axes = [.. Enumerable.Range(2, c.Rank)];
        for (long tap = 0; tap < c.Taps; tap++)
        {
            long[] start = new long[c.Rank];
            long rest = tap;
            for (int a = c.Rank - 1; a >= 0; a--)
            {
                start[a] = c.Dilations[a] * (rest % c.Kernel[a]);
                rest /= c.Kernel[a];
            }

            long[] end = [.. Enumerable.Range(0, c.Rank).Select(a => start[a] + (c.Strides[a] * (c.Small[a] - 1)) + 1)];
            bool whole = Enumerable.Range(0, c.Rank).All(a => start[a] == 0 && c.Strides[a] == 1 && end[a] == c.Reach(a));
            yield return whole ? padded : w.Slice(padded, axes, start, end, c.Strides);
        }
    }
}
