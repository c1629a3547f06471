namespace EdgePrune.Training.Data.Images;

/// <summary>
/// Separable bilinear resampling with support that grows with the reduction (antialiasing), in 22-bit fixed point:
/// the method, and the rounding, of Pillow's Image.resize(BILINEAR), so that data prepared in Python match.
/// </summary>
internal static class ImageResizer
{
    private const int PrecisionBits = 22;

    public static Image Resize(Image image, int width, int height)
    {
        Image wide = width == image.Width ? image : Horizontal(image, width);
        return height == image.Height ? wide : Vertical(wide, height);
    }

    private static Image Horizontal(Image image, int width)
    {
        Tap[] taps = TapsFor(image.Width, width);
        int channels = image.Channels;
        byte[] result = new byte[width * image.Height * channels];
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = image.Pixels.AsSpan(y * image.Width * channels, image.Width * channels);
            for (int x = 0; x < width; x++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    result[(((y * width) + x) * channels) + channel] = Weigh(row[channel..], taps[x], channels);
                }
            }
        }

        return image with { Width = width, Pixels = result };
    }

    private static Image Vertical(Image image, int height)
    {
        Tap[] taps = TapsFor(image.Height, height);
        int stride = image.Width * image.Channels;
        byte[] result = new byte[height * stride];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < stride; x++)
            {
                result[(y * stride) + x] = Weigh(image.Pixels.AsSpan(x), taps[y], stride);
            }
        }

        return image with { Height = height, Pixels = result };
    }

    private static byte Weigh(ReadOnlySpan<byte> from, Tap tap, int stride)
    {
        int sum = 1 << (PrecisionBits - 1);
        for (int k = 0; k < tap.Weights.Length; k++)
        {
            sum += from[(tap.First + k) * stride] * tap.Weights[k];
        }

        return (byte)Math.Clamp(sum >> PrecisionBits, 0, 255);
    }

    private static Tap[] TapsFor(int from, int to)
    {
        double scale = (double)from / to;
        double support = Math.Max(scale, 1);
        Tap[] taps = new Tap[to];
        for (int at = 0; at < to; at++)
        {
            double center = (at + 0.5) * scale;
            int first = Math.Max((int)(center - support + 0.5), 0);
            int end = Math.Min((int)(center + support + 0.5), from);
            double[] weights = [.. Enumerable.Range(first, end - first).Select(x => Math.Max(0, 1 - (Math.Abs(x - center + 0.5) / support)))];
            double total = weights.Sum();
            taps[at] = new Tap(first, [.. weights.Select(weight => (int)(0.5 + (weight / total * (1 << PrecisionBits))))]);
        }

        return taps;
    }

    private readonly record struct Tap(int First, int[] Weights);
}
