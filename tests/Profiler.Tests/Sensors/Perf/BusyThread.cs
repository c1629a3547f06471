using System.Diagnostics;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>Work for a core. Bounded by the clock: a count of spins takes whatever a hypervisor makes of the pause instruction.</summary>
internal static class BusyThread
{
    public static void For(double seconds)
    {
        long start = Stopwatch.GetTimestamp();
        double sink = 1;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            for (int i = 0; i < 1000; i++)
            {
                sink = Math.Sqrt(sink + i);
            }
        }

        GC.KeepAlive(sink);
    }
}
