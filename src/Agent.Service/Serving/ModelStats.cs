using EdgePrune.Agent.Deployment;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>What one model has done since it was loaded. Safe for several threads; adding to it allocates nothing.</summary>
internal sealed class ModelStats
{
    private const int Kept = 1024;

    private readonly float[] recent = new float[Kept];
    private long requests;
    private long failures;

    /// <summary>Requests answered by it.</summary>
    public long Requests => Interlocked.Read(ref requests);

    /// <summary>Requests that it could not answer.</summary>
    public long Failures => Interlocked.Read(ref failures);

    /// <summary>Energy of the board for one inference, as probation found it; null: not known.</summary>
    public EnergyPerInference? Energy { get; set; }

    /// <summary>How it did on the canaries of its bundle; null: there were none.</summary>
    public CanaryFigure? Canaries { get; set; }

    public void Add(TimeSpan elapsed)
    {
        long place = Interlocked.Increment(ref requests) - 1;
        // A quantile that is read meanwhile may see the older figure in this place, which does no harm.
        Volatile.Write(ref recent[place % Kept], (float)elapsed.TotalSeconds);
    }

    public void AddFailure() => Interlocked.Increment(ref failures);

    /// <summary>Quantiles of the last requests' times in the runtime; null before the first.</summary>
    public LatencyQuantiles? Latency()
    {
        int count = (int)Math.Min(Requests, Kept);
        if (count == 0)
        {
            return null;
        }

        double[] seconds = [.. recent.AsSpan(0, count).ToArray().Select(s => (double)s)];
        return new LatencyQuantiles(
            new Seconds(Order.Percentile(seconds, 50)), new Seconds(Order.Percentile(seconds, 90)), new Seconds(Order.Percentile(seconds, 99)), count);
    }
}
