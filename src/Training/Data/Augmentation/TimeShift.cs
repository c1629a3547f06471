using System.Globalization;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Augmentation;

/// <summary>
/// Moves a recording or a spectrogram in time by up to so many frames either way. What comes in is what a stored zero has become
/// by preprocessing.
/// </summary>
/// <param name="Frames">The farthest shift, 1 or more.</param>
/// <param name="Axis">The axis of time in one sample, from 0; null for the longest axis, the first of equals.</param>
public sealed record TimeShift(int Frames, int? Axis = null) : IAugmentation
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"shift:{Frames}{(Axis is { } axis ? $":{axis}" : "")}");

    void IAugmentation.Check(SampleGeometry geometry)
    {
        if (Axis is < 0 || Axis >= geometry.Shape.Length || geometry.Shape.Length == 0)
        {
            throw new InputException($"'{Name}' names axis {Axis ?? 0}; a sample of '{Printable.Name(geometry.Name)}' is [{string.Join(", ", geometry.Shape)}]");
        }

        int length = geometry.Shape[AxisOf(geometry)];
        if (Frames < 1 || Frames >= length)
        {
            throw new InputException($"'{Name}' cannot be done to samples of {length} frames; shift by 1 to {length - 1}");
        }
    }

    void IAugmentation.Apply(Span<float> sample, Span<float> scratch, SampleGeometry geometry, ref SampleRandom random)
    {
        int shift = random.NextInt((2 * Frames) + 1) - Frames;
        int axis = AxisOf(geometry), length = geometry.Shape[axis];
        int inner = geometry.Shape[(axis + 1)..].Aggregate(1, (a, d) => a * d);
        sample.CopyTo(scratch);
        geometry.Empty.CopyTo(sample);
        int kept = (length - Math.Abs(shift)) * inner;
        int from = Math.Max(0, -shift) * inner, to = Math.Max(0, shift) * inner;
        for (int start = 0; start < sample.Length; start += length * inner)
        {
            scratch.Slice(start + from, kept).CopyTo(sample[(start + to)..]);
        }
    }

    private int AxisOf(SampleGeometry geometry) => Axis ?? Array.IndexOf(geometry.Shape, geometry.Shape.Max());
}
