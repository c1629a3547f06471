using EdgePrune.Onnx;
using EdgePrune.Training.Data.Images;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data.Formats;

/// <summary>
/// Images in one subfolder a class. Ids follow the sorted names of the subfolders, or the order of 'classes' in
/// <c>data.yaml</c>. Images become uint8 [N,C,H,W] (or [N,H,W,C]), resized to 'size' where it is given.
/// </summary>
internal static class ImageFolder
{
    /// <summary>Whether any subfolder holds an image.</summary>
    public static bool Recognises(string path) =>
        Directory.EnumerateDirectories(path).Any(folder => Directory.EnumerateFiles(folder).Any(ImageFile.IsImage));

    public static RawData Read(string path, DataManifest manifest)
    {
        string[] folders = [.. Directory.EnumerateDirectories(path).Where(folder => !Path.GetFileName(folder).StartsWith('.')).Order(StringComparer.Ordinal)];
        IReadOnlyList<string> classes = manifest.Classes ?? [.. folders.Select(folder => Path.GetFileName(folder))];
        List<(string File, long Label)> files = [];
        foreach (string folder in folders)
        {
            int label = classes.ToList().IndexOf(Path.GetFileName(folder));
            if (label < 0)
            {
                throw new InputException($"{folder}: is not among the classes that data.yaml lists ({string.Join(", ", classes.Take(10))}); expected one subfolder a class");
            }

            int before = files.Count;
            files.AddRange(Directory.EnumerateFiles(folder).Where(ImageFile.IsImage).Order(StringComparer.Ordinal).Take(DataLimits.Images + 1).Select(file => (file, (long)label)));
            if (files.Count == before)
            {
                throw new InputException($"{folder}: holds no images; expected .png, .jpg, .bmp, .ppm or .pgm files of that class");
            }
        }

        if (files.Count > DataLimits.Images)
        {
            throw new InputException($"{path}: holds more than {DataLimits.Images:N0} images; load fewer at once");
        }

        return new RawData([Decode(files, manifest)], [.. files.Select(file => file.Label)], classes);
    }

    private static DataArray Decode(List<(string File, long Label)> files, DataManifest manifest)
    {
        int channels = manifest.Channels == ChannelOrder.Gray ? 1 : 3;
        bool planar = (manifest.ArrayLayout ?? manifest.Layout ?? TensorLayout.Nchw) == TensorLayout.Nchw;
        (int Height, int Width)? size = manifest.Size;
        byte[]? pixels = null;
        for (int at = 0; at < files.Count; at++)
        {
            string file = files[at].File;
            Image image = ImageFile.Read(file);
            size ??= (image.Height, image.Width);
            if (manifest.Size is { } wanted)
            {
                image = image.Resize(wanted.Width, wanted.Height);
            }

            if ((image.Height, image.Width) != size)
            {
                throw new InputException($"{file}: is {image.Height} x {image.Width} pixels, the images before it are {size.Value.Height} x {size.Value.Width}; give 'size: [height, width]' in data.yaml to resize them");
            }

            int each = channels * image.Height * image.Width;
            DataArray.CheckedBytes([files.Count, each], TensorElementType.UInt8, $"{file} and {files.Count - 1} more images");
            pixels ??= new byte[files.Count * each];
            image.CopyTo(pixels.AsSpan(at * each, each), channels, planar);
        }

        int[] shape = planar ? [files.Count, channels, size!.Value.Height, size.Value.Width] : [files.Count, size!.Value.Height, size.Value.Width, channels];
        return new DataArray(manifest.Input ?? "input", Path.GetDirectoryName(files[0].File) ?? files[0].File, TensorElementType.UInt8, shape, pixels!);
    }
}
