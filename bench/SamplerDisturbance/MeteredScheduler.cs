using System.Runtime.InteropServices;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>Counts what the sampling thread allocates and how long it runs, its sleeping and waking included.</summary>
internal sealed partial class MeteredScheduler(IPollScheduler inner) : IPollScheduler
{
    private const int ThreadClock = 3;

    // The first polls are compiled, and find the rhythm of the part.
    private const int Warm = 300;

    public long Polls { get; private set; }

    /// <summary>Bytes allocated in the polls after the first.</summary>
    public long Bytes { get; private set; }

    /// <summary>Seconds of processor time between the polls after the first.</summary>
    public double Cpu { get; private set; }

    /// <summary>Seconds between the same polls on the wall.</summary>
    public double Wall { get; private set; }

    public IDisposable Run(Func<Seconds, Seconds> poll)
    {
        int polls = 0;
        long bytes = 0;
        double cpu = 0;
        double wall = 0;
        return inner.Run(now =>
        {
            Seconds next = poll(now);
            polls++;
            if (polls > Warm)
            {
                Polls++;
                Bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
                Cpu += ThreadSeconds() - cpu;
                Wall += now.Value - wall;
            }

            bytes = GC.GetAllocatedBytesForCurrentThread();
            cpu = ThreadSeconds();
            wall = now.Value;
            return next;
        });
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static unsafe partial int ClockGetTime(int clock, long* time);

    private static unsafe double ThreadSeconds()
    {
        long* time = stackalloc long[2];
        return ClockGetTime(ThreadClock, time) == 0 ? time[0] + (time[1] * 1e-9) : double.NaN;
    }
}
