using System.Runtime.InteropServices;

namespace EdgePrune.Onnx.Reading;

/// <summary>
/// Opens a file only where it is an ordinary file reached directly: no symbolic link, no second hard link to it, no device or
/// pipe. The checks are made on the open file, so that a file swapped in between is not followed.
/// </summary>
internal static partial class PlainFile
{
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;

    public static FileStream OpenRead(string path, string what)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
        {
            throw new InputException($"{what}: the external file '{info.Name}' is missing from the model's folder");
        }

        if (info.LinkTarget is not null || (info.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Directory | FileAttributes.Device)) != 0)
        {
            throw new InputException($"{what}: the external file '{info.Name}' is a link or no ordinary file");
        }

        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new InputException($"{what}: the external file '{info.Name}' may not be read", denied);
        }

        if (OperatingSystem.IsLinux() && !IsSingleRegularFile(file))
        {
            file.Dispose();
            throw new InputException($"{what}: the external file '{info.Name}' has more than one name (hard link) or is no ordinary file");
        }

        return file;
    }

    private static unsafe bool IsSingleRegularFile(FileStream file)
    {
        // statx has one layout on every architecture, which stat has not.
        byte* buffer = stackalloc byte[256];
        fixed (byte* empty = "\0"u8)
        {
            if (Statx((int)file.SafeFileHandle.DangerousGetHandle(), empty, AtEmptyPath, StatxBasic, buffer) != 0)
            {
                return false;
            }
        }

        uint links = *(uint*)(buffer + 16);
        ushort mode = *(ushort*)(buffer + 28);
        return links == 1 && (mode & 0xF000) == 0x8000;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static unsafe partial int Statx(int folder, byte* path, int flags, uint mask, byte* buffer);
}
