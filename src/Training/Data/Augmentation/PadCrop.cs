using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Augmentation;

/// <summary>
/// Pads an image by so many pixels on each side and cuts a piece of the original size out at a random place: a shift by up to that
/// many pixels. What comes in from outside is what a stored zero has become by preprocessing.
/// </summary>
/// <param name="Pixels">The padding, 1 or more, less than the image.</param>
public sealed record PadCrop(int Pixels) : IAugmentation
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"crop:{Pixels}");

    void IAugmentation.Check(SampleGeometry geometry)
    {
        ImageGeometry image = geometry.RequireImage(Name);
        if (Pixels < 1 || Pixels >= Math.Min(image.Height, image.Width))
        {
            throw new InputException($"'{Name}' cannot be done to images of {image.Height} x {image.Width} pixels; pad by 1 to {Math.Min(image.Height, image.Width) - 1}");
        }
    }

    void IAugmentation.Apply(Span<float> sample, Span<float> scratch, SampleGeometry geometry, ref SampleRandom random)
    {
        int down = random.NextInt((2 * Pixels) + 1) - Pixels, right = random.NextInt((2 * Pixels) + 1) - Pixels;
        if (down == 0 && right == 0)
        {
            return;
        }

        ImageGeometry image = geometry.RequireImage(Name);
        sample.CopyTo(scratch);
        geometry.Empty.CopyTo(sample);
        for (int channel = 0; channel < image.Channels; channel++)
        {
            for (int y = Math.Max(0, -down); y < Math.Min(image.Height, image.Height - down); y++)
            {
                for (int x = Math.Max(0, -right); x < Math.Min(image.Width, image.Width - right); x++)
                {
                    sample[image.At(channel, y, x)] = scratch[image.At(channel, y + down, x + right)];
                }
            }
        }
    }
}
