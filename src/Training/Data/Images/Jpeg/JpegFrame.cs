using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>What a start-of-frame segment says.</summary>
internal sealed class JpegFrame
{
    /// <param name="segment">Content of the SOF segment.</param>
    /// <param name="progressive">SOF2 rather than SOF0 or SOF1.</param>
    /// <param name="path">For messages.</param>
    public JpegFrame(ReadOnlySpan<byte> segment, bool progressive, string path)
    {
        if (segment.Length < 6 || segment.Length != 6 + (3 * segment[5]))
        {
            throw Bad(path, "its frame header has the wrong length");
        }

        if (segment[0] != 8)
        {
            throw Bad(path, $"{segment[0]} bits a sample are not supported; expected 8");
        }

        Height = (segment[1] << 8) | segment[2];
        Width = (segment[3] << 8) | segment[4];
        Progressive = progressive;
        ImageFile.RequireSize(Width, Height, path);
        int count = segment[5];
        if (count is not (1 or 3))
        {
            throw Bad(path, $"{count} colour components are not supported; expected 1 (gray) or 3 (colour), not CMYK");
        }

        (byte Id, int H, int V, int Table)[] raw = new (byte, int, int, int)[count];
        for (int at = 0; at < count; at++)
        {
            ReadOnlySpan<byte> each = segment.Slice(6 + (3 * at), 3);
            raw[at] = (each[0], each[1] >> 4, each[1] & 15, each[2]);
            if (raw[at].H is < 1 or > 4 || raw[at].V is < 1 or > 4 || raw[at].Table > 3)
            {
                throw Bad(path, $"sampling {raw[at].H} x {raw[at].V} or quantisation table {raw[at].Table} is out of range");
            }

            // The sampling of a single component has no meaning.
            raw[at] = count == 1 ? raw[at] with { H = 1, V = 1 } : raw[at];
        }

        MaxH = raw.Max(each => each.H);
        MaxV = raw.Max(each => each.V);
        if (raw.Any(each => MaxH % each.H != 0 || MaxV % each.V != 0) || raw.Select(each => each.Id).Distinct().Count() != count)
        {
            throw Bad(path, "its components have the same name, or sampling factors that do not divide one another");
        }

        McuColumns = (Width + (8 * MaxH) - 1) / (8 * MaxH);
        McuRows = (Height + (8 * MaxV) - 1) / (8 * MaxV);
        Components = [.. raw.Select(each => new JpegComponent(each.Id, each.H, each.V, each.Table, this))];
    }

    public int Width { get; }

    public int Height { get; }

    public bool Progressive { get; }

    public int MaxH { get; }

    public int MaxV { get; }

    public int McuColumns { get; }

    public int McuRows { get; }

    public IReadOnlyList<JpegComponent> Components { get; }

    private static InputException Bad(string path, string why) => new($"{path}: the JPEG cannot be read: {why}");
}
