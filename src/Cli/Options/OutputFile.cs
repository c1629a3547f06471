using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Options;

/// <summary>Files that a command will write after minutes of measuring: what would fail then is told at once.</summary>
internal static class OutputFile
{
    /// <param name="path">A file that will be written.</param>
    /// <param name="inputs">Files that must not be overwritten by it.</param>
    /// <exception cref="InputException">It cannot be written, or is one of the inputs.</exception>
    public static void Check(string path, params string?[] inputs)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full) || Path.EndsInDirectorySeparator(full))
        {
            throw new InputException($"cannot write {path}: it is a folder; give a file name");
        }

        if (inputs.Any(i => i is not null && Path.GetFullPath(i) == full))
        {
            throw new InputException($"cannot write {path}: it is read as well; give another name for what is written");
        }

        try
        {
            // Asking the disk is the only answer that holds for permissions, read-only mounts and missing folders alike.
            string probe = Path.Combine(Path.GetDirectoryName(full)!, $"{AtomicFile.TemporaryPrefix}{Guid.NewGuid():N}.tmp");
            using var file = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new InputException($"cannot write {path}: its folder does not exist; create it first", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new InputException($"cannot write {path}: its folder is not writable ({e.Message}); choose another place or change its permissions", e);
        }
    }
}
