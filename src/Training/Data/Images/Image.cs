namespace EdgePrune.Training.Data.Images;

/// <summary>A decoded picture: 8 bits a channel, row by row, channels interleaved. Transparency is dropped.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 (gray) or 3 (RGB).</param>
/// <param name="Pixels">Height * Width * Channels bytes.</param>
internal sealed record Image(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>Bilinear, with the triangle widened when shrinking so that no source pixel is skipped.</summary>
    public Image Resize(int width, int height) => ImageResizer.Resize(this, width, height);

    /// <summary>Writes one sample with this many channels, as planes or interleaved; gray is the luma of ITU-R 601.</summary>
    public void CopyTo(Span<byte> target, int channels, bool planar)
    {
        int area = Width * Height;
        for (int pixel = 0; pixel < area; pixel++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                target[planar ? (channel * area) + pixel : (pixel * channels) + channel] = Value(pixel, channel, channels);
            }
        }
    }

    private byte Value(int pixel, int channel, int channels)
    {
        if (Channels == 1)
        {
            return Pixels[pixel];
        }

        ReadOnlySpan<byte> rgb = Pixels.AsSpan(pixel * 3, 3);
        return channels == 1
            ? (byte)(((rgb[0] * 19595) + (rgb[1] * 38470) + (rgb[2] * 7471) + 0x8000) >> 16)
            : rgb[channel];
    }
}
