namespace EdgePrune.Training.Data.Augmentation;

/// <summary>Mirrors every second image, left to right.</summary>
public sealed record HorizontalFlip : IAugmentation
{
    public string Name => "flip";

    void IAugmentation.Check(SampleGeometry geometry) => geometry.RequireImage(Name);

    void IAugmentation.Apply(Span<float> sample, Span<float> scratch, SampleGeometry geometry, ref SampleRandom random)
    {
        if (!random.NextBool())
        {
            return;
        }

        ImageGeometry image = geometry.RequireImage(Name);
        for (int channel = 0; channel < image.Channels; channel++)
        {
            for (int y = 0; y < image.Height; y++)
            {
                for (int left = 0, right = image.Width - 1; left < right; left++, right--)
                {
                    int a = image.At(channel, y, left), b = image.At(channel, y, right);
                    (sample[a], sample[b]) = (sample[b], sample[a]);
                }
            }
        }
    }
}
