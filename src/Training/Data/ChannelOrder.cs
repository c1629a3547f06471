namespace EdgePrune.Training.Data;

/// <summary>Colour channels as a model takes them.</summary>
internal enum ChannelOrder
{
    Rgb,
    Bgr,
    Gray,
}
