using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;

namespace EdgePrune.Training.Tests.Data;

public sealed class AugmentationTests
{
    private static SampleGeometry Geometry(TempFolder folder, string shape, int elements, string? yaml = null)
    {
        if (yaml is not null)
        {
            DataFiles.Write(folder, "data.yaml", yaml);
        }

        Dataset data = Dataset.Load(DataFiles.Write(folder, "input.npy", DataFiles.Npy("|u1", shape, new byte[elements])));
        return new SampleGeometry(data.Columns[0]);
    }

    private static IEnumerable<float[]> Draws(IAugmentation augmentation, SampleGeometry geometry, float[] sample, int count = 200)
    {
        augmentation.Check(geometry);
        for (int i = 0; i < count; i++)
        {
            float[] changed = [.. sample];
            var random = new SampleRandom(1, 2, i, 3);
            augmentation.Apply(changed, new float[sample.Length], geometry, ref random);
            yield return changed;
        }
    }

    [Fact]
    public void Flips_mirror_half_of_the_images_in_either_layout()
    {
        using var folder = new TempFolder();
        SampleGeometry planar = Geometry(folder, "(1, 2, 2, 3)", 12);
        SampleGeometry packed = Geometry(folder, "(1, 2, 3, 2)", 12, "layout: NHWC\n");
        float[] sample = [.. Enumerable.Range(0, 12).Select(i => (float)i)];

        var drawn = Draws(new HorizontalFlip(), planar, sample).ToList();
        Assert.InRange(drawn.Count(d => d[0] == 2), 70, 130);
        Assert.All(drawn, d => Assert.True(d.SequenceEqual(sample) || d.SequenceEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9])));
        Assert.All(Draws(new HorizontalFlip(), packed, sample), d => Assert.True(d.SequenceEqual(sample) || d.SequenceEqual([4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7])));
    }

    [Fact]
    public void Crops_shift_by_every_amount_and_fill_with_what_black_has_become()
    {
        using var folder = new TempFolder();
        SampleGeometry geometry = Geometry(folder, "(1, 1, 3, 3)", 9, "scale: 0.5\nmean: 1\nstd: 0.25\n");
        float[] sample = [1, 2, 3, 4, 5, 6, 7, 8, 9];

        HashSet<string> seen = [.. Draws(new PadCrop(1), geometry, sample, 400).Select(d => string.Join(' ', d))];

        Assert.Equal(9, seen.Count);
        Assert.Contains("1 2 3 4 5 6 7 8 9", seen);
        Assert.Contains("5 6 -4 8 9 -4 -4 -4 -4", seen);
        Assert.Contains("-4 -4 -4 -4 1 2 -4 4 5", seen);
    }

    [Fact]
    public void Time_shifts_move_along_the_longest_axis_or_the_one_named()
    {
        using var folder = new TempFolder();
        SampleGeometry geometry = Geometry(folder, "(1, 2, 3)", 6);
        float[] sample = [1, 2, 3, 4, 5, 6];

        Assert.Equal(
            ["0 1 2 0 4 5", "1 2 3 4 5 6", "2 3 0 5 6 0"],
            Draws(new TimeShift(1), geometry, sample).Select(d => string.Join(' ', d)).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["0 0 0 1 2 3", "1 2 3 4 5 6", "4 5 6 0 0 0"],
            Draws(new TimeShift(1, 0), geometry, sample).Select(d => string.Join(' ', d)).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Noise_has_the_deviation_asked_for()
    {
        using var folder = new TempFolder();
        SampleGeometry geometry = Geometry(folder, "(1, 100)", 100);

        double[] noise = [.. Draws(new GaussianNoise(0.5), geometry, new float[100]).SelectMany(d => d.Select(v => (double)v))];

        Assert.InRange(noise.Average(), -0.01, 0.01);
        Assert.InRange(Math.Sqrt(noise.Average(v => v * v)), 0.49, 0.51);
    }

    [Fact]
    public void Draws_of_the_generator_have_their_moments()
    {
        var random = new SampleRandom(7, 0, 0, 0);
        double[] beta = new double[20_000], gamma = new double[20_000];
        int[] counts = new int[7];
        for (int i = 0; i < beta.Length; i++)
        {
            beta[i] = random.NextBeta(0.4);
            gamma[i] = random.NextGamma(2.5);
            counts[random.NextInt(7)]++;
        }

        // Beta(a, a): mean ½, variance 1 / (4(2a + 1)); Gamma(k): mean and variance k.
        Assert.InRange(beta.Average(), 0.49, 0.51);
        Assert.InRange(beta.Average(v => (v - 0.5) * (v - 0.5)), 0.134, 0.144);
        Assert.InRange(gamma.Average(), 2.45, 2.55);
        Assert.InRange(gamma.Average(v => (v - 2.5) * (v - 2.5)), 2.35, 2.65);
        Assert.All(counts, n => Assert.InRange(n, 2650, 3070));
    }

    [Fact]
    public void Lists_are_read_and_written_alike()
    {
        Assert.Equal("crop:4,flip,noise:0.1,shift:3,shift:2:1,mixup:0.2", AugmentationPlan.Parse("crop:4, flip,noise:0.1,shift:3,shift:2:1,mixup:0.2").ToString());
        foreach (string bad in new[] { "", "flip,", "flip:1", "crop", "crop:0", "crop:1.5", "noise:-1", "noise:NaN", "mixup:0", "mixup:1,mixup:1", "shift:1:-1", "rotate:3" })
        {
            Assert.Throws<InputException>(() => AugmentationPlan.Parse(bad));
        }
    }
}
