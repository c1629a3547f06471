using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>The system calls behind counters.</summary>
internal static partial class PerfSystem
{
    public const int NotPermitted = 1; // EPERM
    public const int NoEntry = 2; // ENOENT
    public const int NoSuchThread = 3; // ESRCH
    public const int NoAccess = 13; // EACCES
    public const int Busy = 16; // EBUSY
    public const int NoDevice = 19; // ENODEV
    public const int InvalidArgument = 22; // EINVAL
    public const int TooManyFiles = 24; // EMFILE
    public const int NotImplemented = 38; // ENOSYS
    public const int NotSupported = 95; // EOPNOTSUPP

    private const int CloseOnExec = 8; // PERF_FLAG_FD_CLOEXEC
    private const int AnyCpu = -1;
    private const int NumberX64 = 298;
    private const int NumberArm64 = 241;

    /// <summary>True where the numbers of the system call are known.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    /// <summary>Begins to count one event of one thread on whatever core it runs.</summary>
    /// <param name="thread">Thread id; 0 for the calling thread.</param>
    /// <param name="leader">The group that it joins, or null for none.</param>
    /// <param name="error">errno where null is returned.</param>
    public static unsafe SafeFileHandle? Open(PerfEvent counted, int thread, SafeFileHandle? leader, out int error)
    {
        error = NotImplemented;
        if (!IsSupported)
        {
            return null;
        }

        PerfEventAttributes attributes = PerfEventAttributes.UserOnly(counted);
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? NumberX64 : NumberArm64;
        bool held = false;
        try
        {
            leader?.DangerousAddRef(ref held);
            nint group = leader is null ? -1 : leader.DangerousGetHandle();
            nint descriptor = SystemCall(number, &attributes, thread, AnyCpu, group, CloseOnExec);
            error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
            return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        }
        finally
        {
            if (held)
            {
                leader!.DangerousRelease();
            }
        }
    }

    /// <summary>Reads value, time enabled and time running.</summary>
    public static unsafe bool TryRead(SafeFileHandle counter, out RawCount count)
    {
        RawCount read = default;
        bool held = false;
        try
        {
            counter.DangerousAddRef(ref held);
            nint bytes = ReadDescriptor((int)counter.DangerousGetHandle(), &read, (nuint)sizeof(RawCount));
            count = read;
            return bytes == sizeof(RawCount);
        }
        finally
        {
            if (held)
            {
                counter.DangerousRelease();
            }
        }
    }

    // The C library's syscall() is variadic; on x64 and arm64 Linux its arguments travel as those of any other function.
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial nint SystemCall(nint number, PerfEventAttributes* attributes, nint thread, nint cpu, nint group, nint flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadDescriptor(int descriptor, RawCount* into, nuint bytes);
}
