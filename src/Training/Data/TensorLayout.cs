namespace EdgePrune.Training.Data;

/// <summary>Order of the axes of a batch of images: channels before or after height and width.</summary>
internal enum TensorLayout
{
    Nchw,
    Nhwc,
}
