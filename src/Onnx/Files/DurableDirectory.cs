using System.Runtime.InteropServices;

namespace EdgePrune.Onnx.Files;

/// <summary>Makes creations, renames and removals inside a folder survive a power cut.</summary>
public static partial class DurableDirectory
{
    private const int Interrupted = 4; // EINTR, the same number on Linux and macOS
    private const int InvalidArgument = 22; // EINVAL

    /// <summary>
    /// Makes a folder, and those above it that are missing, so that they survive a power cut: what is flushed inside a folder
    /// whose own name was never flushed is gone with it.
    /// </summary>
    /// <exception cref="IOException">A folder cannot be made or flushed, or the path is a file.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be made there.</exception>
    public static void Create(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string? parent = Path.GetDirectoryName(full);
        if (parent is null)
        {
            return; // the root of a file system is there
        }

        if (Directory.Exists(full))
        {
            SyncIfPossible(parent);
            return;
        }

        Create(parent);
        Directory.CreateDirectory(full);
        Sync(parent);
    }

    /// <summary>
    /// Flushes the folder's own entries to disk (POSIX: a file's fsync does not cover the name that leads to it,
    /// see fsync(2)). Windows journals names by itself and has no such call, so nothing is done there.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        int descriptor;
        do
        {
            descriptor = Open(path, closeOnExec);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            while (FSync(descriptor) < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error == InvalidArgument)
                {
                    return; // a file system that cannot flush folders (some network ones); there is no better to be had
                }

                if (error != Interrupted)
                {
                    throw Failure("flush", path);
                }
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    // A folder that was there already was most likely flushed long ago, by whoever made it, and its parent may be closed to
    // us; but a process that was killed between making and flushing leaves the flushing to the next one.
    private static void SyncIfPossible(string path)
    {
        try
        {
            Sync(path);
        }
        catch (IOException)
        {
            return;
        }
    }

    private static IOException Failure(string verb, string path) =>
        new($"cannot {verb} the folder {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
