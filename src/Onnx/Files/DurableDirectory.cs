using System.Runtime.InteropServices;

namespace EdgePrune.Onnx.Files;

/// <summary>Makes creations, renames and removals inside a folder survive a power cut.</summary>
public static partial class DurableDirectory
{
    private const int Interrupted = 4; // EINTR, the same number on Linux and macOS
    private const int InvalidArgument = 22; // EINVAL

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

    private static IOException Failure(string verb, string path) =>
        new($"cannot {verb} the folder {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
