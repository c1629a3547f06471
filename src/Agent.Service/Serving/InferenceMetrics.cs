namespace EdgePrune.Agent.Service.Serving;

/// <summary>What inference has cost so far.</summary>
internal sealed class InferenceMetrics
{
    /// <summary>Upper bounds of the buckets, in seconds.</summary>
    public static IReadOnlyList<double> Bounds { get; } = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly long[] buckets = new long[Bounds.Count];
    private long count;
    private long failed;
    private long ticks;

    public long Count => Interlocked.Read(ref count);

    public long Failed => Interlocked.Read(ref failed);

    public double Seconds => TimeSpan.FromTicks(Interlocked.Read(ref ticks)).TotalSeconds;

    /// <summary>How many took at most the bound of that place.</summary>
    public long AtMost(int bound) => Interlocked.Read(ref buckets[bound]);

    public void Add(TimeSpan elapsed)
    {
        Interlocked.Increment(ref count);
        Interlocked.Add(ref ticks, elapsed.Ticks);
        for (int i = 0; i < buckets.Length; i++)
        {
            if (elapsed.TotalSeconds <= Bounds[i])
            {
                Interlocked.Increment(ref buckets[i]);
            }
        }
    }

    public void AddFailure() => Interlocked.Increment(ref failed);
}
