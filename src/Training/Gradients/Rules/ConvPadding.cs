namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Pads of the large side of a convolution as Conv takes them: none negative.</summary>
internal static class ConvPadding
{
    /// <summary>The value to convolve and its pads: where the kernel stops short of an end, that end is cut away.</summary>
    public static (string Value, long[] Pads) Fit(GraphWriter w, ConvGeometry c, string value)
    {
        long[] after = [.. Enumerable.Range(0, c.Rank).Select(c.After)];
        string cut = after.Any(p => p < 0) ? w.Pad(value, [.. new long[c.Rank + 4], .. after.Select(p => Math.Min(p, 0))]) : value;
        return (cut, [.. c.Before, .. after.Select(p => Math.Max(p, 0))]);
    }

    /// <summary>The pads of <see cref="GraphWriter.Pad"/> for the spatial axes of a [N, C, …] value.</summary>
    public static long[] Spatial(IEnumerable<long> before, IEnumerable<long> after) => [0, 0, .. before, 0, 0, .. after];
}
