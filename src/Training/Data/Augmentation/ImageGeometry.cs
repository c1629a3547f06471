namespace EdgePrune.Training.Data.Augmentation;

/// <summary>An image's lengths, and the distance in elements between neighbours along each of its axes.</summary>
internal sealed record ImageGeometry(int Channels, int Height, int Width, int ChannelStride, int RowStride, int ColumnStride)
{
    public int At(int channel, int y, int x) => (channel * ChannelStride) + (y * RowStride) + (x * ColumnStride);
}
