using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>Counts what the sampling thread allocates and how long it runs, its sleeping and waking included.</summary>
internal sealed class MeteredScheduler(IPollScheduler inner, BusMeter meter) : IPollScheduler
{
    // The first polls are compiled, and find the rhythm of the part.
    private const int Warm = 300;

    public long Polls { get; private set; }

    /// <summary>Bytes allocated in the polls after the first, without those of the simulated part.</summary>
    public long Bytes { get; private set; }

    /// <summary>Seconds of processor time between the polls after the first.</summary>
    public double Cpu { get; private set; }

    /// <summary>Seconds of it that the simulated part took.</summary>
    public double BusCpu { get; private set; }

    /// <summary>Seconds between the same polls on the wall.</summary>
    public double Wall { get; private set; }

    public IDisposable Run(Func<Seconds, Seconds> poll)
    {
        int polls = 0;
        long bytes = 0;
        double cpu = 0;
        double wall = 0;
        double bus = 0;
        long busBytes = 0;
        return inner.Run(now =>
        {
            Seconds next = poll(now);
            polls++;
            if (polls > Warm)
            {
                Polls++;
                Bytes += GC.GetAllocatedBytesForCurrentThread() - bytes - (meter.Bytes - busBytes);
                Cpu += ThreadClock.Seconds() - cpu;
                Wall += now.Value - wall;
                BusCpu += meter.Cpu - bus;
            }

            bytes = GC.GetAllocatedBytesForCurrentThread();
            cpu = ThreadClock.Seconds();
            wall = now.Value;
            bus = meter.Cpu;
            busBytes = meter.Bytes;
            return next;
        });
    }
}
