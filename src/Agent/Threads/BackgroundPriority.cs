using System.Runtime.InteropServices;

namespace EdgePrune.Agent.Threads;

/// <summary>Lets a thread of its own give way to all others.</summary>
public static partial class BackgroundPriority
{
    private const int ProcessScope = 0; // PRIO_PROCESS; on Linux it means the one thread
    private const int Nice = 10;

    /// <summary>
    /// Lowers the calling thread, for good: setpriority(2) on Linux, where .NET's own priorities do nothing, and those
    /// elsewhere. What the system refuses is left as it is.
    /// </summary>
    public static void Enter()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(ProcessScope, 0, Nice);
        }
        else
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
