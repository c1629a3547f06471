using System.ComponentModel;
using System.Runtime.InteropServices;

namespace EdgePrune.DeviceVm.Kernel;

/// <summary>The system calls that .NET has no method for.</summary>
internal static unsafe partial class LibC
{
    public const int NoSuchDeviceOrAddress = 6; // ENXIO
    public const int InputOutputError = 5; // EIO

    private const int ReadWrite = 2, CloseOnExec = 0x80000;
    private const int UnixFamily = 1, StreamType = 1;

    /// <summary>Two connected stream sockets that no child process inherits.</summary>
    public static (int First, int Second) SocketPair()
    {
        int* pair = stackalloc int[2];
        return socketpair(UnixFamily, StreamType | CloseOnExec, 0, pair) == 0 ? (pair[0], pair[1]) : throw Failure("socketpair");
    }

    public static int OpenForTransfers(string path)
    {
        int file = open(path, ReadWrite | CloseOnExec, 0);
        return file >= 0 ? file : throw Failure("open " + path);
    }

    public static void Close(int file) => _ = close(file);

    /// <summary>The call's result, or the negative errno.</summary>
    public static int Control(int file, nuint request, void* argument)
    {
        int result = ioctl(file, request, argument);
        return result >= 0 ? result : -Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Processor time that all threads of a process have had, in nanoseconds, as the scheduler accounts for it, the turn
    /// under way included; false once the process is gone. Source: clock_getcpuclockid(3); the kernel's clock number of a
    /// process is ~pid &lt;&lt; 3 with CPUCLOCK_SCHED (2).
    /// </summary>
    public static bool TryProcessorTime(int process, out long nanoseconds)
    {
        long* time = stackalloc long[2];
        bool known = clock_gettime((~process << 3) | 2, time) == 0;
        nanoseconds = known ? (time[0] * 1_000_000_000) + time[1] : 0;
        return known;
    }

    private static IOException Failure(string call) =>
        new($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socketpair(int family, int type, int protocol, int* pair);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc")]
    private static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int file, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, long* time);
}
