namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>One colour component of a frame and its quantised coefficients.</summary>
internal sealed class JpegComponent
{
    private readonly short[] coefficients;

    /// <param name="id">Identifier that scans name it by.</param>
    /// <param name="h">Horizontal sampling factor.</param>
    /// <param name="v">Vertical sampling factor.</param>
    /// <param name="table">Quantisation table number.</param>
    /// <param name="frame">The frame that it belongs to.</param>
    public JpegComponent(byte id, int h, int v, int table, JpegFrame frame)
    {
        (Id, H, V, Table) = (id, h, v, table);
        Width = ((frame.Width * h) + frame.MaxH - 1) / frame.MaxH;
        Height = ((frame.Height * v) + frame.MaxV - 1) / frame.MaxV;
        BlockColumns = frame.McuColumns * h;
        BlockRows = frame.McuRows * v;
        coefficients = new short[BlockColumns * BlockRows * 64];
    }

    public byte Id { get; }

    public int H { get; }

    public int V { get; }

    public int Table { get; }

    /// <summary>Samples across, without the padding to whole blocks.</summary>
    public int Width { get; }

    public int Height { get; }

    /// <summary>Blocks across, with the padding to whole MCUs.</summary>
    public int BlockColumns { get; }

    public int BlockRows { get; }

    public int DcTable { get; set; }

    public int AcTable { get; set; }

    /// <summary>DC of the block before, in a scan.</summary>
    public int Predictor { get; set; }

    /// <summary>The 64 coefficients of a block, in natural order.</summary>
    public Span<short> Block(int row, int column) => coefficients.AsSpan(((row * BlockColumns) + column) * 64, 64);
}
