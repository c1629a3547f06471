namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>
/// Colour planes of lower resolution brought to full size. Factors of two use the triangle filter (weights 3/4 and
/// 1/4) with the rounding of the Independent JPEG Group's "fancy upsampling"; others repeat samples.
/// </summary>
internal static class Upsampling
{
    public static byte[] ToFull(byte[] samples, JpegComponent component, JpegFrame frame)
    {
        int across = frame.MaxH / component.H, down = frame.MaxV / component.V;
        if (across == 1 && down == 1)
        {
            return samples;
        }

        // The filter needs a neighbour on either side.
        bool smooth = across == 1 || component.Width > 2;
        return (across, down) switch
        {
            (2, 1) when smooth => Double(samples, component, frame, vertical: false),
            (2, 2) when smooth => Double(samples, component, frame, vertical: true),
            (1, 2) => Tall(samples, component, frame),
            _ => Repeat(samples, component, frame, across, down),
        };
    }

    private static byte[] Repeat(byte[] samples, JpegComponent component, JpegFrame frame, int across, int down)
    {
        byte[] full = new byte[frame.Width * frame.Height];
        for (int y = 0; y < frame.Height; y++)
        {
            for (int x = 0; x < frame.Width; x++)
            {
                full[(y * frame.Width) + x] = samples[(y / down * component.Width) + (x / across)];
            }
        }

        return full;
    }

    private static byte[] Tall(byte[] samples, JpegComponent component, JpegFrame frame)
    {
        byte[] full = new byte[frame.Width * frame.Height];
        for (int y = 0; y < frame.Height; y++)
        {
            (int near, int far) = Rows(y, component);
            for (int x = 0; x < frame.Width; x++)
            {
                int sum = (3 * samples[(near * component.Width) + x]) + samples[(far * component.Width) + x];
                full[(y * frame.Width) + x] = (byte)((sum + 1 + (y & 1)) >> 2);
            }
        }

        return full;
    }

    private static byte[] Double(byte[] samples, JpegComponent component, JpegFrame frame, bool vertical)
    {
        byte[] full = new byte[frame.Width * frame.Height];
        int[] sums = new int[component.Width];
        // Vertical sums carry a factor of four more; left and right pixels round in opposite directions.
        (int shift, int left, int right) = vertical ? (4, 8, 7) : (2, 1, 2);
        for (int y = 0; y < frame.Height; y++)
        {
            (int near, int far) = vertical ? Rows(y, component) : (y, y);
            for (int x = 0; x < sums.Length; x++)
            {
                int sample = samples[(near * component.Width) + x];
                sums[x] = vertical ? (3 * sample) + samples[(far * component.Width) + x] : sample;
            }

            for (int x = 0; x < frame.Width; x++)
            {
                int at = x >> 1;
                int other = (x & 1) == 0 ? at - 1 : at + 1;
                int bias = (x & 1) == 0 ? left : right;
                int value = other >= 0 && other < sums.Length
                    ? ((3 * sums[at]) + sums[other] + bias) >> shift
                    : Edge(sums[at], x, vertical);
                full[(y * frame.Width) + x] = (byte)value;
            }
        }

        return full;

        static int Edge(int sum, int x, bool vertical) => !vertical ? sum : ((4 * sum) + ((x & 1) == 0 ? 8 : 7)) >> 4;
    }

    /// <summary>The row of samples that a pixel row lies in, and the nearer neighbour, which at the edge is the same row.</summary>
    private static (int Near, int Far) Rows(int y, JpegComponent component)
    {
        int near = y >> 1;
        return (near, Math.Clamp((y & 1) == 0 ? near - 1 : near + 1, 0, component.Height - 1));
    }
}
