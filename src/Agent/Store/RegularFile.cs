using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Agent.Store;

/// <summary>
/// Opens a file for reading that somebody else may have put there: never waits on a named pipe and, where asked,
/// never follows a symbolic link (checked by the kernel in the same call that opens it, so there is no gap to race).
/// </summary>
internal static partial class RegularFile
{
    /// <exception cref="IOException">The path is missing, a folder, a pipe, or (unless followed) a link.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static FileStream OpenRead(string path, bool followLinks)
    {
        if (Directory.Exists(path) && (followLinks || new DirectoryInfo(path).LinkTarget is null))
        {
            throw new IOException($"{path} is a folder, not a file");
        }

        // FileShare.Delete: on Windows a switch or a collection must not fail because somebody reads.
        FileStream stream = OperatingSystem.IsWindows()
            ? OpenOnWindows(path, followLinks)
            : new FileStream(OpenOnUnix(path, followLinks), FileAccess.Read, bufferSize: 0);
        if (stream.CanSeek)
        {
            return stream;
        }

        stream.Dispose();
        throw new IOException($"{path} is a pipe or a device, not a file");
    }

    private static FileStream OpenOnWindows(string path, bool followLinks)
    {
        if (!followLinks && new FileInfo(path).LinkTarget is not null)
        {
            throw new IOException($"{path} is a symbolic link, which is not followed here");
        }

        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
    }

    private static SafeFileHandle OpenOnUnix(string path, bool followLinks)
    {
        bool mac = OperatingSystem.IsMacOS();
        bool arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
        int closeOnExec = mac ? 0x1000000 : 0x80000;
        int nonBlocking = mac ? 0x4 : 0x800;
        int noFollow = mac ? 0x100 : arm ? 0x8000 : 0x20000;
        int flags = closeOnExec | nonBlocking | (followLinks ? 0 : noFollow);

        const int interrupted = 4;
        while (true)
        {
            int descriptor = Open(path, flags);
            if (descriptor >= 0)
            {
                return new SafeFileHandle(descriptor, ownsHandle: true);
            }

            int error = Marshal.GetLastPInvokeError();
            if (error == interrupted)
            {
                continue;
            }

            throw Failure(path, error, tooManyLinks: mac ? 62 : 40, followLinks);
        }
    }

    private static Exception Failure(string path, int error, int tooManyLinks, bool followLinks)
    {
        const int noEntry = 2;
        const int accessDenied = 13;
        return error switch
        {
            noEntry => new FileNotFoundException($"there is no file {path}", path),
            accessDenied => new UnauthorizedAccessException($"{path} may not be read"),
            _ when error == tooManyLinks && !followLinks => new IOException($"{path} is a symbolic link, which is not followed here"),
            _ => new IOException($"cannot open {path}: {Marshal.GetPInvokeErrorMessage(error)}"),
        };
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
