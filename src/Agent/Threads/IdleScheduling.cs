using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgePrune.Agent.Threads;

/// <summary>
/// Lets a process run only where nothing else wants to (SCHED_IDLE in sched(7)). Niceness alone lets it finish its slice of
/// milliseconds before a request that has just come in gets the processor.
/// </summary>
internal static partial class IdleScheduling
{
    private const int Idle = 5; // SCHED_IDLE
    private const int Normal = 0; // SCHED_OTHER
    private const int NiceLimit = 13; // RLIMIT_NICE
    private const int MaySetNice = 23; // CAP_SYS_NICE

    /// <summary>
    /// Does so, where it can be undone: who may not raise a process's priority cannot, and on a busy board the process would
    /// then not end in any time.
    /// </summary>
    /// <param name="process">Its number.</param>
    /// <param name="nice">Niceness that the process has.</param>
    /// <returns>Whether it was done.</returns>
    public static bool TryEnter(int process, int nice) => OperatingSystem.IsLinux() && MayLeave(nice) && Set(process, Idle);

    /// <summary>Undoes it for all threads that the process has now.</summary>
    /// <param name="process">Its number; nothing happens where it has ended.</param>
    public static void Leave(int process)
    {
        // Once more: a thread that another began meanwhile has begun as that one was.
        _ = Set(process, Normal) && Set(process, Normal);
    }

    /// <summary>Whether this process may give another of the same user, which is idle, a niceness.</summary>
    internal static bool MayLeave(int nice) =>
        (GetLimit(NiceLimit, out Limits limits) == 0 && limits.Now >= (ulong)(20 - nice)) || MayAnything();

    private static bool MayAnything()
    {
        try
        {
            string? line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
            return line is not null
                && ulong.TryParse(line.AsSpan("CapEff:".Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong capabilities)
                && (capabilities >> MaySetNice & 1) == 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool Set(int process, int policy)
    {
        int priority = 0;
        bool all = true;
        try
        {
            foreach (string thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
            {
                all &= SetScheduler(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), policy, in priority) == 0;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended
        }

        return all;
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    private struct Limits
    {
        public nuint Now;
        public nuint Most;
    }
}
