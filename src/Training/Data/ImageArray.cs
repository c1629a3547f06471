using EdgePrune.Onnx;
using EdgePrune.Training.Data.Images;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>Images that are decoded when they are asked for: uint8, resized where the description gives a size.</summary>
internal sealed class ImageArray : DataArray
{
    private readonly IReadOnlyList<string> files;
    private readonly bool resize;
    private readonly bool planar;
    private readonly int channels;
    private readonly int height;
    private readonly int width;

    private ImageArray(IReadOnlyList<string> files, string name, int[] shape, bool planar, bool resize)
        : base(name, Path.GetDirectoryName(files[0]) ?? files[0], TensorElementType.UInt8, shape)
    {
        this.files = files;
        this.planar = planar;
        this.resize = resize;
        (channels, height, width) = planar ? (shape[1], shape[2], shape[3]) : (shape[3], shape[1], shape[2]);
    }

    public override long ResidentBytes => 0;

    /// <summary>The first image gives the size of all where the description gives none.</summary>
    /// <param name="files">At least one image file.</param>
    /// <param name="manifest">Channels, layout and size.</param>
    public static ImageArray Open(IReadOnlyList<string> files, DataManifest manifest)
    {
        int channels = manifest.Channels == ChannelOrder.Gray ? 1 : 3;
        bool planar = (manifest.ArrayLayout ?? manifest.Layout ?? TensorLayout.Nchw) == TensorLayout.Nchw;
        (int height, int width) = manifest.Size ?? SizeOf(ImageFile.Read(files[0]));
        CheckedBytes([1, channels, height, width], TensorElementType.UInt8, files[0]);
        int[] shape = planar ? [files.Count, channels, height, width] : [files.Count, height, width, channels];
        return new ImageArray(files, manifest.Input ?? "input", shape, planar, manifest.Size is not null);
    }

    public override ReadOnlySpan<byte> Row(int row, Span<byte> buffer)
    {
        Image image = ImageFile.Read(files[row]);
        if (resize)
        {
            image = image.Resize(width, height);
        }

        if (SizeOf(image) != (height, width))
        {
            throw new InputException($"{files[row]}: is {image.Height} x {image.Width} pixels, the images before it are {height} x {width}; give 'size: [height, width]' in data.yaml to resize them");
        }

        Span<byte> into = buffer[..RowBytes];
        image.CopyTo(into, channels, planar);
        return into;
    }

    private static (int Height, int Width) SizeOf(Image image) => (image.Height, image.Width);
}
