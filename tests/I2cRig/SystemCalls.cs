using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>The system calls of the rig, and the numbers that differ between processors.</summary>
internal static unsafe partial class SystemCalls
{
    public const int SetNoNewPrivileges = 38;

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>AUDIT_ARCH_AARCH64 or AUDIT_ARCH_X86_64.</summary>
    public static uint AuditArchitecture => IsArm ? 0xC00000B7u : 0xC000003Eu;

    public static int Ioctl => IsArm ? 29 : 16;

    public static int OpenAt => IsArm ? 56 : 257;

    public static int Seccomp => IsArm ? 277 : 317;

    public static bool AreKnown => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.X64;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Call(nint number, nint a, nint b, void* c);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    public static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLink(string path, byte* target, nuint size);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    public static partial nint ReadMemory(int process, MemoryRange* local, nuint locals, MemoryRange* remote, nuint remotes, nuint flags);

    [LibraryImport("libc", EntryPoint = "process_vm_writev", SetLastError = true)]
    public static partial nint WriteMemory(int process, MemoryRange* local, nuint locals, MemoryRange* remote, nuint remotes, nuint flags);
}
