using EdgePrune.Onnx;
using EdgePrune.Training.Data.Formats;

namespace EdgePrune.Training.Data;

/// <summary>From a path to a dataset: find the description, pick the reader, check what it found.</summary>
internal static class DatasetLoader
{
    private static readonly string[] TableExtensions = [".csv", ".tsv", ".txt"];

    public static Dataset Load(string path, DatasetOptions options)
    {
        bool isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path))
        {
            throw new InputException($"{path}: no such file or folder; expected a data file or folder (.npz, .npy, .csv, IDX, .bin, or images in one subfolder a class)");
        }

        DataManifest manifest = ManifestFor(path, isFolder, options);
        RawData raw = isFolder ? ReadFolder(path, options, manifest) : ReadFile(path, options, manifest);
        return Check(path, raw, options, manifest);
    }

    private static DataManifest ManifestFor(string path, bool isFolder, DatasetOptions options)
    {
        if (options.ManifestPath is { } given)
        {
            return DataManifest.Load(given);
        }

        string beside = Path.Combine((isFolder ? path : Path.GetDirectoryName(path)) ?? string.Empty, DataManifest.FileName);
        return options.IgnoreManifest || !File.Exists(beside) ? new DataManifest() : DataManifest.Load(beside);
    }

    private static RawData ReadFile(string path, DatasetOptions options, DataManifest manifest)
    {
        string extension = Extension(path);
        return extension switch
        {
            ".npz" => ArrayFiles.Read([path], options, manifest),
            ".npy" => ArrayFiles.ReadNpy(path, options, manifest),
            ".bin" => RawBinary.Read(path, options),
            _ when TableExtensions.Contains(extension) => CsvTable.Read(path, options.LabelColumn, manifest),
            _ when IdxReader.Recognises(path) => IdxReader.Read(path, options),
            _ => throw new InputException($"{path}: is not in a known format; expected .npz, .npy, .csv, .tsv, .txt, .bin or IDX"),
        };
    }

    private static RawData ReadFolder(string path, DatasetOptions options, DataManifest manifest)
    {
        string[] files = FilesOf(path);
        string[] npz = [.. files.Where(file => Extension(file) == ".npz")];
        if (npz.Length > 0)
        {
            RequireOneSplit(path, npz);
            return ArrayFiles.Read(npz, options, manifest);
        }

        string[] npy = [.. files.Where(file => Extension(file) == ".npy")];
        if (npy.Length > 0)
        {
            return ArrayFiles.ReadNpyFolder(npy, options, manifest);
        }

        if (ImageFolder.Recognises(path))
        {
            return ImageFolder.Read(path, options, manifest);
        }

        string[] others = [.. files.Where(file => TableExtensions.Contains(Extension(file)) || Extension(file) == ".bin" || IsIdxImages(file))];
        return others.Length switch
        {
            1 => ReadFile(others[0], options, manifest),
            0 => throw new InputException($"{path}: holds no data; expected .npz or .npy files, one table, IDX or .bin file, or one subfolder of images (.png, .jpg, .bmp, .ppm, .pgm) a class"),
            _ => throw new InputException($"{path}: holds several data files ({string.Join(", ", others.Take(6).Select(Path.GetFileName))}); name the one that is meant"),
        };
    }

    /// <summary>Training and test data in one folder must not become one dataset by accident.</summary>
    private static void RequireOneSplit(string path, string[] files)
    {
        string[] kinds = [.. files.Select(SplitOf).Distinct()];
        if (kinds.Length > 1)
        {
            throw new InputException($"{path}: holds several splits ({string.Join(", ", files.Take(6).Select(Path.GetFileName))}); name the file that is meant, so that training and test data stay apart");
        }
    }

    private static string SplitOf(string file)
    {
        string name = Path.GetFileName(file);
        string[] starts = ["train", "test", "val", "calib"];
        return starts.FirstOrDefault(start => name.StartsWith(start, StringComparison.OrdinalIgnoreCase)) ?? string.Empty;
    }

    private static bool IsIdxImages(string file) =>
        file.Contains("-images", StringComparison.Ordinal) && file.Contains("idx", StringComparison.Ordinal) && IdxReader.Recognises(file);

    private static string[] FilesOf(string path)
    {
        try
        {
            string[] files = [.. Directory.EnumerateFiles(path).Take(DataLimits.FilesInFolder + 1).Order(StringComparer.Ordinal)];
            return files.Length <= DataLimits.FilesInFolder
                ? files
                : throw new InputException($"{path}: holds more than {DataLimits.FilesInFolder} files; expected fewer, or one subfolder of images a class");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be listed: {error.Message}", error);
        }
    }

    /// <summary>Lower case, and of a gzipped file that of what it holds.</summary>
    private static string Extension(string path)
    {
        string plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(plain).ToLowerInvariant();
    }

    private static Dataset Check(string path, RawData raw, DatasetOptions options, DataManifest manifest)
    {
        if (raw.Arrays.Count == 0)
        {
            throw new InputException($"{path}: holds labels only; expected an array of inputs beside them");
        }

        int count = raw.Arrays[0].Rows;
        foreach (DataArray array in raw.Arrays)
        {
            if (array.Rows == 0 || array.RowLength == 0)
            {
                throw new InputException($"{array.Source}: array '{array.Name}' is {array}, which holds nothing; expected at least one sample");
            }

            if (array.Rows != count)
            {
                throw new InputException($"{array.Source}: array '{array.Name}' has {array.Rows} samples, '{raw.Arrays[0].Name}' has {count}; expected as many in each");
            }

            array.RequireFinite();
        }

        CheckLabels(path, raw, count, options, manifest);
        if (manifest.Input is { } named && raw.Arrays.All(array => array.Name != named))
        {
            throw new InputException($"{manifest.Path}: 'input' names '{named}', but the arrays of {path} are {string.Join(", ", raw.Arrays.Select(array => array.Name))}");
        }

        if (manifest.Input is null && manifest.ChangesValues && raw.Arrays.Count > 1)
        {
            throw new InputException($"{manifest.Path}: says how to change values, but {path} has several arrays ({string.Join(", ", raw.Arrays.Select(array => array.Name))}); name the one that is meant with 'input'");
        }

        // A description is about the named input, or about the only one; other arrays go as they are.
        DatasetColumn[] columns = [.. raw.Arrays.Select(array =>
        {
            bool named = array.Name == manifest.Input || (manifest.Input is null && raw.Arrays.Count == 1);
            return new DatasetColumn(array, named ? Preprocessing.Of(array, manifest) : Preprocessing.None(array), array.Name == manifest.Input);
        })];
        return new Dataset(path, columns, raw.Labels, raw.ClassNames ?? manifest.Classes, [.. Enumerable.Range(0, count)]);
    }

    private static void CheckLabels(string path, RawData raw, int count, DatasetOptions options, DataManifest manifest)
    {
        if (raw.Labels is null)
        {
            if (options.RequireLabels)
            {
                throw new InputException($"{path}: has no labels; expected an array, column or file called {string.Join(", ", LabelReader.Names)}, or one that is named by 'labels' in data.yaml");
            }

            return;
        }

        if (raw.Labels.Length != count)
        {
            throw new InputException($"{path}: has {raw.Labels.Length} labels for {count} samples; expected one a sample");
        }

        if ((raw.ClassNames ?? manifest.Classes) is { } classes)
        {
            int bad = Array.FindIndex(raw.Labels, label => label >= classes.Count);
            if (bad >= 0)
            {
                throw new InputException($"{path}: label {raw.Labels[bad]} of sample {bad} is out of range; there are {classes.Count} classes, 0 to {classes.Count - 1}");
            }
        }
    }
}
