using EdgePrune.Onnx;
using EdgePrune.Training.Data.Formats;

namespace EdgePrune.Training.Data.Images;

/// <summary>Picks the decoder by the first bytes of a file, not by its name.</summary>
internal static class ImageFile
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm", ".pnm"];

    /// <summary>Whether the name is that of a picture.</summary>
    public static bool IsImage(string path) => !Path.GetFileName(path).StartsWith('.') && Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());

    public static Image Read(string path)
    {
        using FileStream file = BoundedReader.OpenFile(path);
        byte[] bytes = BoundedReader.ReadAll(file, DataLimits.ImageFileBytes, path);
        return bytes switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => PngDecoder.Decode(bytes, path),
            [0xff, 0xd8, ..] => Jpeg.JpegDecoder.Decode(bytes, path),
            [(byte)'B', (byte)'M', ..] => BmpDecoder.Decode(bytes, path),
            [(byte)'P', >= (byte)'1' and <= (byte)'7', ..] => PnmDecoder.Decode(bytes, path),
            _ => throw new InputException($"{path}: is not a PNG, JPEG, BMP, PPM or PGM image; expected one of these"),
        };
    }

    /// <summary>Refuses a size before anything is allocated for it.</summary>
    public static void RequireSize(long width, long height, string path)
    {
        if (width <= 0 || height <= 0 || width > DataLimits.ImageSide || height > DataLimits.ImageSide || width * height > DataLimits.ImagePixels)
        {
            throw new InputException($"{path}: an image of {width} x {height} pixels; expected 1 to {DataLimits.ImageSide} a side and at most {DataLimits.ImagePixels:N0} in all");
        }
    }
}
