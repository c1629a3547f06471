using System.Text;
using EdgePrune.Onnx.Reading;

namespace EdgePrune.Onnx.Files;

/// <summary>
/// Writes a file so that its path holds either what was there before or the whole new content, at every moment and
/// after a power cut: a temporary file in the same folder, flushed to disk, renamed over the path, the folder flushed.
/// </summary>
public static class AtomicFile
{
    /// <summary>
    /// What the temporary files' names begin with; the dot hides them. One that a killed process left behind may be
    /// removed by whoever owns the folder.
    /// </summary>
    public const string TemporaryPrefix = ".edgeprune-";

    /// <summary>Writes <paramref name="path"/> through <paramref name="write"/>, which gets an empty writable, seekable stream.</summary>
    /// <exception cref="InputException">The folder is missing, not writable, or the path is a folder.</exception>
    /// <exception cref="IOException">The disk refused (full, broken); the path is as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new InputException($"cannot write '{Printable.Name(path)}': it is no file name");
        }

        string full = Path.GetFullPath(path);
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full))
        {
            throw new InputException($"cannot write {path}: it is a folder; give a file name");
        }

        if (File.Exists(full) && !PlainFile.IsRegular(full))
        {
            // Renaming over /dev/null would replace it by a file.
            throw new InputException($"cannot write {path}: it is a pipe or a device; give the name of an ordinary file");
        }

        string folder = Path.GetDirectoryName(full)!;
        string temporary = Path.Combine(folder, $"{TemporaryPrefix}{Guid.NewGuid():N}.tmp");
        bool renamed = false;
        try
        {
            using (FileStream stream = Create(path, temporary))
            {
                write(stream);
                DurableFile.Flush(stream);
            }

            Rename(path, temporary, full);
            renamed = true;
            DurableDirectory.Sync(folder);
        }
        finally
        {
            if (!renamed)
            {
                Remove(temporary);
            }
        }
    }

    /// <summary>Writes <paramref name="bytes"/> to <paramref name="path"/>; errors as <see cref="Write"/>.</summary>
    public static void WriteBytes(string path, ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray(); // a span cannot be captured; the files written this way are small
        Write(path, stream => stream.Write(copy));
    }

    /// <summary>Writes <paramref name="text"/> as UTF-8 without a byte order mark; errors as <see cref="Write"/>.</summary>
    public static void WriteText(string path, string text) =>
        WriteBytes(path, Encoding.UTF8.GetBytes(text));

    private static FileStream Create(string path, string temporary)
    {
        try
        {
            return new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InputException($"cannot write {path}: its folder does not exist; create it first", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputException($"cannot write {path}: its folder is not writable; choose another place or change its permissions", e);
        }
    }

    private static void Rename(string path, string temporary, string full)
    {
        try
        {
            File.Move(temporary, full, overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InputException($"cannot write {path}: the file that is there may not be replaced; choose another name or change its permissions", e);
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here is the one worth reporting.
        }
    }
}
