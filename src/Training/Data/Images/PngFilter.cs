namespace EdgePrune.Training.Data.Images;

/// <summary>The five line filters of PNG (ISO/IEC 15948, clause 9).</summary>
internal static class PngFilter
{
    /// <summary>Turns a filtered line back in place; false where the filter is not known.</summary>
    /// <param name="filter">0 none, 1 left, 2 up, 3 average, 4 Paeth.</param>
    /// <param name="line">The line.</param>
    /// <param name="previous">The line above, turned back; zeros for the first.</param>
    /// <param name="back">Bytes from a sample to the same sample of the pixel to its left.</param>
    public static bool TryUndo(byte filter, Span<byte> line, ReadOnlySpan<byte> previous, int back)
    {
        if (filter > 4)
        {
            return false;
        }

        for (int at = 0; filter != 0 && at < line.Length; at++)
        {
            int left = at >= back ? line[at - back] : 0;
            int above = previous[at];
            int corner = at >= back ? previous[at - back] : 0;
            line[at] += filter switch
            {
                1 => (byte)left,
                2 => (byte)above,
                3 => (byte)((left + above) / 2),
                _ => Paeth(left, above, corner),
            };
        }

        return true;
    }

    private static byte Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left), toAbove = Math.Abs(estimate - above), toCorner = Math.Abs(estimate - corner);
        return (byte)(toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner);
    }
}
