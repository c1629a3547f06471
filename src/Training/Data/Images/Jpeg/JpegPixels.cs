namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>From coefficients to pixels: inverse DCT, upsampling of the colour planes, conversion to RGB.</summary>
internal static class JpegPixels
{
    public static Image Render(JpegFrame frame, ushort[]?[] tables, bool isRgb)
    {
        byte[][] planes = [.. frame.Components.Select(component => Upsampling.ToFull(Samples(component, tables[component.Table]!), component, frame))];
        int count = frame.Width * frame.Height;
        if (planes.Length == 1)
        {
            return new Image(frame.Width, frame.Height, 1, planes[0]);
        }

        byte[] pixels = new byte[count * 3];
        for (int at = 0; at < count; at++)
        {
            Span<byte> rgb = pixels.AsSpan(at * 3, 3);
            if (isRgb)
            {
                (rgb[0], rgb[1], rgb[2]) = (planes[0][at], planes[1][at], planes[2][at]);
                continue;
            }

            // JFIF's YCbCr in 16-bit fixed point.
            int y = planes[0][at], cb = planes[1][at] - 128, cr = planes[2][at] - 128;
            rgb[0] = Clamp(y + (((91_881 * cr) + 32_768) >> 16));
            rgb[1] = Clamp(y + (((-22_554 * cb) - (46_802 * cr) + 32_768) >> 16));
            rgb[2] = Clamp(y + (((116_130 * cb) + 32_768) >> 16));
        }

        return new Image(frame.Width, frame.Height, 3, pixels);
    }

    /// <summary>The component's own samples, cut to its width and height.</summary>
    private static byte[] Samples(JpegComponent component, ushort[] quantisation)
    {
        byte[] samples = new byte[component.Width * component.Height];
        byte[] tile = new byte[64];
        for (int top = 0; top < component.Height; top += 8)
        {
            for (int left = 0; left < component.Width; left += 8)
            {
                InverseDct.Transform(component.Block(top / 8, left / 8), quantisation, tile, 8);
                int wide = Math.Min(8, component.Width - left);
                for (int row = 0; row < Math.Min(8, component.Height - top); row++)
                {
                    tile.AsSpan(row * 8, wide).CopyTo(samples.AsSpan(((top + row) * component.Width) + left));
                }
            }
        }

        return samples;
    }

    private static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
