using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Augmentation;

/// <summary>What is changed in training samples, at random but by seed, epoch and sample alone.</summary>
public sealed record AugmentationPlan
{
    /// <summary>Changes to single samples, in this order.</summary>
    public IReadOnlyList<IAugmentation> Samples { get; init; } = [];

    /// <summary>
    /// α of mixup (Zhang et al., 2018), or null for none: each sample is mixed with another one, λ·a + (1 − λ)·b, and so are their
    /// labels; λ is drawn from Beta(α, α). The other sample comes from the whole of the data and not from the batch, so that batches
    /// change nothing.
    /// </summary>
    public double? Mixup { get; init; }

    public bool IsEmpty => Samples.Count == 0 && Mixup is null;

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => string.Join(',', [
        .. Samples.Select(s => s.Name),
        .. Mixup is { } alpha ? new[] { string.Create(CultureInfo.InvariantCulture, $"mixup:{alpha}") } : []]);

    /// <summary>Reads a list such as <c>crop:4,flip,noise:0.1,shift:3,mixup:0.2</c>.</summary>
    /// <exception cref="InputException">A word is not known, or its number is missing or senseless.</exception>
    public static AugmentationPlan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<IAugmentation> samples = [];
        double? mixup = null;
        foreach (string word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] parts = word.Split(':');
            switch (parts[0])
            {
                case "flip" when parts.Length == 1:
                    samples.Add(new HorizontalFlip());
                    break;
                case "crop" when parts.Length == 2 && Whole(parts[1]) is { } pixels:
                    samples.Add(new PadCrop(pixels));
                    break;
                case "noise" when parts.Length == 2 && Positive(parts[1]) is { } deviation:
                    samples.Add(new GaussianNoise(deviation));
                    break;
                case "shift" when parts.Length == 2 && Whole(parts[1]) is { } frames:
                    samples.Add(new TimeShift(frames));
                    break;
                case "shift" when parts.Length == 3 && Whole(parts[1]) is { } frames && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int axis):
                    samples.Add(new TimeShift(frames, axis));
                    break;
                case "mixup" when parts.Length == 2 && mixup is null && Positive(parts[1]) is { } alpha:
                    mixup = alpha;
                    break;
                default:
                    throw new InputException($"'{Printable.Name(word)}' is no augmentation; write crop:PIXELS, flip, noise:DEVIATION, shift:FRAMES, shift:FRAMES:AXIS or mixup:ALPHA, with commas between");
            }
        }

        return new AugmentationPlan { Samples = samples, Mixup = mixup };
    }

    private static int? Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0 ? value : null;

    private static double? Positive(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value) && value > 0 && double.IsFinite(value) ? value : null;
}
