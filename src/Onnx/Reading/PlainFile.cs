using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Onnx.Reading;

/// <summary>
/// Opens ordinary files only. A pipe would block the opener for ever and a device never ends, so on Unix the file is opened
/// without waiting, and what was opened is looked at, not what the path named a moment before.
/// </summary>
internal static partial class PlainFile
{
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;
    private const int NoEntry = 2; // ENOENT
    private const int NoAccess = 13; // EACCES
    private const int NotAFolder = 20; // ENOTDIR
    private const int InvalidArgument = 22; // EINVAL
    private const int NameTooLong = 36; // ENAMETOOLONG on Linux

    /// <summary>Opens the file that a user named; links to it are followed.</summary>
    /// <exception cref="InputException">It is missing, a folder, a pipe or a device, or may not be read.</exception>
    public static FileStream OpenRead(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new InputException($"'{Printable.Name(path)}' is no file name");
        }

        if (Directory.Exists(path))
        {
            throw new InputException($"{path} is a folder; a file was expected");
        }

        FileStream file = Open(path, path, followLinks: true);
        if (!IsRegular(file, out _))
        {
            file.Dispose();
            throw new InputException($"{path} is no ordinary file (a pipe or a device); a file was expected");
        }

        return file;
    }

    /// <summary>
    /// Opens a file that a model names: it must be reached directly and have no other name (no symbolic link, no hard link).
    /// </summary>
    /// <exception cref="InputException">It is anything else, or missing, or may not be read; begins with <paramref name="what"/>.</exception>
    public static FileStream OpenUntrusted(string path, string what)
    {
        var info = new FileInfo(path);
        string name = $"{what}: the external file '{Printable.Name(info.Name)}'";
        if (info.LinkTarget is not null || (info.Exists && (info.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Device)) != 0))
        {
            throw new InputException($"{name} is a link; put the file itself into the model's folder");
        }

        if (Directory.Exists(path))
        {
            throw new InputException($"{name} is a folder");
        }

        FileStream file = Open(path, name, followLinks: false);
        if (!IsRegular(file, out uint names) || names != 1)
        {
            file.Dispose();
            throw new InputException($"{name} {(names > 1 ? "has more than one name (hard link)" : "is no ordinary file (a pipe or a device)")}");
        }

        return file;
    }

    /// <summary>True where the path leads to an ordinary file (links are followed); looked at without opening it.</summary>
    public static unsafe bool IsRegular(string path)
    {
        const int CurrentFolder = -100; // AT_FDCWD
        if (!OperatingSystem.IsLinux())
        {
            return (File.GetAttributes(path) & FileAttributes.Device) == 0;
        }

        byte[] name = [.. System.Text.Encoding.UTF8.GetBytes(path), 0];
        fixed (byte* pointer = name)
        {
            return IsRegular(CurrentFolder, pointer, 0, out _);
        }
    }

    private static FileStream Open(string path, string name, bool followLinks)
    {
        try
        {
            return OperatingSystem.IsLinux()
                ? new FileStream(OpenHandle(path, name, followLinks), FileAccess.Read, 1)
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{name} does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException($"{name} cannot be read: {e.Message}", e);
        }
    }

    private static SafeFileHandle OpenHandle(string path, string name, bool followLinks)
    {
        const int CloseOnExec = 0x80000;
        const int NonBlocking = 0x800;
        // The one flag whose number differs between the architectures that .NET runs on.
        int noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Armv6 ? 0x8000 : 0x20000;
        int descriptor = OpenFile(path, CloseOnExec | NonBlocking | (followLinks ? 0 : noFollow));
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        int error = Marshal.GetLastPInvokeError();
        throw new InputException(error switch
        {
            NoEntry or NotAFolder or NameTooLong or InvalidArgument => $"{name} does not exist",
            NoAccess => $"{name} may not be read; change its permissions",
            _ => $"{name} cannot be read: {Marshal.GetPInvokeErrorMessage(error)}",
        });
    }

    private static unsafe bool IsRegular(FileStream file, out uint names)
    {
        names = 1;
        if (!OperatingSystem.IsLinux())
        {
            return file.CanSeek; // pipes cannot; the number of links is not to be had there
        }

        fixed (byte* empty = "\0"u8)
        {
            return IsRegular((int)file.SafeFileHandle.DangerousGetHandle(), empty, AtEmptyPath, out names);
        }
    }

    private static unsafe bool IsRegular(int folder, byte* path, int flags, out uint names)
    {
        // statx has one layout on every architecture, which stat has not.
        byte* buffer = stackalloc byte[256];
        bool found = Statx(folder, path, flags, StatxBasic, buffer) == 0;
        names = found ? *(uint*)(buffer + 16) : 1;
        return found && (*(ushort*)(buffer + 28) & 0xF000) == 0x8000;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* buffer);
}
