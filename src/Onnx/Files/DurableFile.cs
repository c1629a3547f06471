using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Onnx.Files;

/// <summary>
/// Makes what has been written to a file survive a power cut, or says that it does not. <see cref="FileStream.Flush(bool)"/>
/// says nothing: .NET 10 calls fsync(2) on Unix and drops what it returns, so a card that is worn out or a full disk, which
/// often shows only then, would pass for a success.
/// </summary>
public static partial class DurableFile
{
    private const int Interrupted = 4; // EINTR, the same number on Linux and macOS
    private const int InvalidArgument = 22; // EINVAL: nothing that could be flushed
    private const int FullFlush = 51; // F_FULLFSYNC of macOS, whose fsync leaves the bytes in the drive's own memory

    /// <summary>Flushes what the stream and the system hold of a file to the disk.</summary>
    /// <exception cref="IOException">The disk refused. What had been written since the last flush may or may not be there.</exception>
    public static void Flush(FileStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (OperatingSystem.IsWindows())
        {
            stream.Flush(flushToDisk: true); // FlushFileBuffers, whose errors are thrown
            return;
        }

        stream.Flush();
        while ((OperatingSystem.IsMacOS() ? Control(stream.SafeFileHandle, FullFlush) : FSync(stream.SafeFileHandle)) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == InvalidArgument)
            {
                return;
            }

            if (error != Interrupted)
            {
                throw new IOException($"cannot flush {stream.Name}: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, int command);
}
