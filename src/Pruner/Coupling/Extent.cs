namespace EdgePrune.Pruner.Coupling;

/// <summary>The length of an axis of a value, read when the model runs.</summary>
internal sealed record AxisLength(string Value, int Axis);

/// <summary>One entry of a small tensor of numbers that is computed from shapes and constants.</summary>
/// <param name="Number">What it is in the probe run. Exact up to 2⁵³; larger ones only stand for "to the end" in a Slice.</param>
/// <param name="Reads">The lengths that it depends on; none for a constant.</param>
/// <param name="IsLength">True where it is exactly the one length that it reads.</param>
internal sealed record Extent(double Number, IReadOnlyList<AxisLength> Reads, bool IsLength)
{
    public static Extent Constant(double number) => new(number, [], false);

    public static Extent Length(int length, string value, int axis) => new(length, [new AxisLength(value, axis)], true);

    /// <summary>A number computed from several entries.</summary>
    public static Extent From(double number, params ReadOnlySpan<Extent> entries)
    {
        var reads = new List<AxisLength>();
        foreach (Extent entry in entries)
        {
            reads.AddRange(entry.Reads.Where(r => !reads.Contains(r)));
        }

        return new Extent(number, reads, false);
    }
}
