using System.Text;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Keys;

/// <summary>Writes files that must not be there yet, all or none; secret ones are for their owner alone.</summary>
internal static class NewFiles
{
    /// <exception cref="InputException">One is there already.</exception>
    public static void Write(IReadOnlyList<(string Path, string Text, bool Secret)> files)
    {
        if (files.FirstOrDefault(f => Path.Exists(f.Path)) is { Path: { } there })
        {
            throw new InputException($"{there} is there already and is not overwritten; give another place or move it away");
        }

        var written = new List<string>();
        bool done = false;
        try
        {
            foreach ((string path, string text, bool secret) in files)
            {
                using var stream = new FileStream(path, Options(secret));
                written.Add(path);
                stream.Write(Encoding.UTF8.GetBytes(text));
                DurableFile.Flush(stream);
            }

            foreach (string folder in files.Select(f => Path.GetDirectoryName(Path.GetFullPath(f.Path))!).Distinct(StringComparer.Ordinal))
            {
                DurableDirectory.Sync(folder);
            }

            done = true;
        }
        finally
        {
            if (!done)
            {
                written.ForEach(File.Delete);
            }
        }
    }

    public static FileStreamOptions Options(bool secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            options.UnixCreateMode = secret ? owner : owner | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        }

        return options;
    }
}
