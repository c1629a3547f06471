namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>What is spent behind a bus.</summary>
internal sealed class BusMeter
{
    /// <summary>Seconds of processor time.</summary>
    public double Cpu { get; private set; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes { get; private set; }

    /// <summary>The meter's readings of this thread, for <see cref="Add"/>.</summary>
    public static (double Cpu, long Bytes) Now() => (ThreadClock.Seconds(), GC.GetAllocatedBytesForCurrentThread());

    /// <summary>Adds what this thread has spent since.</summary>
    public void Add((double Cpu, long Bytes) since)
    {
        Cpu += ThreadClock.Seconds() - since.Cpu;
        Bytes += GC.GetAllocatedBytesForCurrentThread() - since.Bytes;
    }
}
