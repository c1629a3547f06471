using EdgePrune.Onnx;
using EdgePrune.Training.Data.Images;

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

    public static RawData Read(string path, DatasetOptions options, DataManifest manifest)
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

        return new RawData([Decode(files, options, manifest)], [.. files.Select(file => file.Label)], classes);
    }

    private static DataArray Decode(List<(string File, long Label)> files, DatasetOptions options, DataManifest manifest)
    {
        var images = ImageArray.Open([.. files.Select(file => file.File)], manifest);
        if ((long)images.Rows * images.RowBytes > options.ResidentBytes)
        {
            return images;
        }

        DataArray.CheckedBytes([images.Rows, images.RowBytes], images.Type, $"{files[0].File} and {files.Count - 1} more images");
        byte[] pixels = new byte[images.Rows * images.RowBytes];
        for (int at = 0; at < images.Rows; at++)
        {
            images.Row(at, pixels.AsSpan(at * images.RowBytes, images.RowBytes));
        }

        return new ResidentArray(images.Name, images.Source, images.Type, images.Shape, pixels);
    }
}
