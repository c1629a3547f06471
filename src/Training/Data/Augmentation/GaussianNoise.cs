using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Augmentation;

/// <summary>Adds normal noise to every element of the preprocessed sample.</summary>
/// <param name="Deviation">Standard deviation in the model's terms, after scale, mean and std.</param>
public sealed record GaussianNoise(double Deviation) : IAugmentation
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"noise:{Deviation}");

    void IAugmentation.Check(SampleGeometry geometry)
    {
        if (!(Deviation > 0 && double.IsFinite(Deviation)))
        {
            throw new InputException($"'{Name}' needs a standard deviation above zero");
        }
    }

    void IAugmentation.Apply(Span<float> sample, Span<float> scratch, SampleGeometry geometry, ref SampleRandom random)
    {
        for (int at = 0; at < sample.Length; at++)
        {
            sample[at] += (float)(Deviation * random.NextNormal());
        }
    }
}
