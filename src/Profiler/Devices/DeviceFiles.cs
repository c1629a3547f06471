using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Devices;

/// <summary>Finds device files: by path, in a <c>devices</c> folder beside or above the program, or among those built in.</summary>
public static class DeviceFiles
{
    private const string Folder = "devices";
    private const long MaxBytes = 1 << 20;

    /// <summary>Reads a device.</summary>
    /// <param name="nameOrPath">A path (it has a folder or ends in .yaml or .yml), or a device's name.</param>
    /// <exception cref="InputException">No such device, or its file is not right; every problem is listed.</exception>
    public static Device Load(string nameOrPath)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPath);
        bool isPath = nameOrPath.AsSpan().ContainsAny('/', '\\')
            || Path.GetExtension(nameOrPath).ToUpperInvariant() is ".YAML" or ".YML";
        if (isPath)
        {
            return Read(nameOrPath);
        }

        if (FindInFolder(nameOrPath) is { } path)
        {
            return Read(path);
        }

        using Stream? builtIn = typeof(DeviceFiles).Assembly.GetManifestResourceStream($"{Folder}/{nameOrPath}.yaml");
        if (builtIn is null)
        {
            throw new InputException(
                $"no device '{nameOrPath}': known are {string.Join(", ", Names())}; give one of these or the path of a device file");
        }

        using var reader = new StreamReader(builtIn);
        return DeviceParser.Parse(reader.ReadToEnd(), $"{nameOrPath}.yaml (built in)", nameOrPath);
    }

    /// <summary>Names that <see cref="Load"/> knows, sorted.</summary>
    public static IReadOnlyList<string> Names()
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string resource in typeof(DeviceFiles).Assembly.GetManifestResourceNames())
        {
            if (resource.StartsWith(Folder + "/", StringComparison.Ordinal))
            {
                names.Add(Path.GetFileNameWithoutExtension(resource));
            }
        }

        foreach (string folder in Folders())
        {
            names.UnionWith(Directory.EnumerateFiles(folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)!));
        }

        return [.. names];
    }

    private static string? FindInFolder(string name) =>
        Folders().Select(f => Path.Combine(f, name + ".yaml")).FirstOrDefault(File.Exists);

    /// <summary>The devices folders beside and above the program.</summary>
    internal static IEnumerable<string> Folders()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, Folder);
            if (File.Exists(Path.Combine(candidate, "host.yaml")))
            {
                yield return candidate;
            }
        }
    }

    private static Device Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            // Pipes and devices have no length; opening one could wait for ever.
            if (file.Exists && file.Length == 0)
            {
                throw new InputException($"{path} is empty; a device file was expected");
            }

            if (file.Exists && file.Length > MaxBytes)
            {
                throw new InputException($"{path} has {file.Length:N0} bytes; a device file has at most {MaxBytes:N0}");
            }

            return DeviceParser.Parse(File.ReadAllText(path), path, Path.GetFileNameWithoutExtension(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"device file {path} does not exist; known devices are {string.Join(", ", Names())}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"device file {path} cannot be read: {e.Message}", e);
        }
    }
}
