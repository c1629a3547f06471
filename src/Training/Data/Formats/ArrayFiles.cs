using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Formats;

/// <summary>NumPy files as datasets: which array is the labels, and how several files become one.</summary>
internal static class ArrayFiles
{
    /// <summary>Archives with the same arrays; their samples follow one another in the order of the files.</summary>
    public static RawData Read(IReadOnlyList<string> npzPaths, DatasetOptions options, DataManifest manifest)
    {
        List<IReadOnlyList<ResidentArray>> files = [];
        long total = 0;
        foreach (string path in npzPaths)
        {
            IReadOnlyList<ResidentArray> arrays = NpzReader.Read(path);
            RequireSameNames(path, arrays, npzPaths[0], files.Count == 0 ? arrays : files[0]);
            files.Add(arrays);
            total += arrays.Sum(array => array.ResidentBytes);
            if (total > DataLimits.DatasetBytes)
            {
                throw new InputException($"{path}: with the files before it, more than {DataLimits.DatasetBytes:N0} bytes of arrays; load fewer files at once");
            }
        }

        return WithLabels(
            npzPaths.Count == 1 ? npzPaths[0] : Path.GetDirectoryName(npzPaths[0]) ?? npzPaths[0],
            [.. files[0].Select(first => ResidentArray.Concatenate([.. files.Select(arrays => arrays.Single(array => array.Name == first.Name))]))],
            options,
            manifest);
    }

    /// <summary>One array, with <c>labels.npy</c> (or another name for labels) beside it where there is one.</summary>
    public static RawData ReadNpy(string path, DatasetOptions options, DataManifest manifest)
    {
        string folder = Path.GetDirectoryName(path) ?? string.Empty;
        string? labels = LabelNames(options, manifest).Select(name => Path.Combine(folder, name + ".npy")).FirstOrDefault(File.Exists);
        return ReadNpyFolder(labels is null || labels == path ? [path] : [path, labels], options, manifest);
    }

    /// <summary>Arrays of one folder, called as their files are.</summary>
    public static RawData ReadNpyFolder(IReadOnlyList<string> paths, DatasetOptions options, DataManifest manifest)
    {
        List<DataArray> arrays = [];
        IReadOnlyList<string> labelNames = LabelNames(options, manifest);
        foreach (string path in paths)
        {
            string name = Path.GetFileNameWithoutExtension(path);
            arrays.Add(NpyReader.Open(path, name, labelNames.Contains(name) ? long.MaxValue : options.ResidentBytes));
            if (arrays.Sum(array => array.ResidentBytes) > DataLimits.DatasetBytes)
            {
                throw new InputException($"{path}: with the files before it, more than {DataLimits.DatasetBytes:N0} bytes of arrays; load fewer files at once");
            }
        }

        return WithLabels(Path.GetDirectoryName(paths[0]) ?? paths[0], arrays, options, manifest);
    }

    private static RawData WithLabels(string source, IReadOnlyList<DataArray> arrays, DatasetOptions options, DataManifest manifest)
    {
        string? named = options.LabelColumn ?? manifest.Labels;
        DataArray? labels = LabelNames(options, manifest)
            .Select(name => arrays.FirstOrDefault(array => array.Name == name))
            .FirstOrDefault(array => array is not null);
        if (labels is null && named is not null)
        {
            throw new InputException($"{source}: has no label array '{named}'; its arrays are {string.Join(", ", arrays.Select(array => array.Name))}");
        }

        return new RawData([.. arrays.Where(array => array != labels)], labels is null ? null : LabelReader.FromArray((ResidentArray)labels));
    }

    private static IReadOnlyList<string> LabelNames(DatasetOptions options, DataManifest manifest) =>
        (options.LabelColumn ?? manifest.Labels) is { } named ? [named] : LabelReader.Names;

    private static void RequireSameNames(string path, IReadOnlyList<DataArray> arrays, string firstPath, IReadOnlyList<DataArray> first)
    {
        if (!arrays.Select(array => array.Name).Order().SequenceEqual(first.Select(array => array.Name).Order()))
        {
            throw new InputException($"{path}: holds the arrays {string.Join(", ", arrays.Select(array => array.Name))}, {firstPath} holds {string.Join(", ", first.Select(array => array.Name))}; files of one folder are read as one dataset and need the same arrays");
        }
    }
}
