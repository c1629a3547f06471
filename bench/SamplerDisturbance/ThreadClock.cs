using System.Runtime.InteropServices;

namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>Processor time of the calling thread.</summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    public static unsafe double Seconds()
    {
        long* time = stackalloc long[2];
        return ClockGetTime(ThreadProcessorTime, time) == 0 ? time[0] + (time[1] * 1e-9) : double.NaN;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockGetTime(int clock, long* time);
}
