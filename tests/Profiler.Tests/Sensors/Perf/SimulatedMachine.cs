using EdgePrune.Profiler.Sensors.Perf;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>A processor with a clock of its own, counters, and a power that follows from what is counted.</summary>
internal sealed class SimulatedMachine(IReadOnlyDictionary<string, double> joules, double idleWatts) : TimeProvider
{
    private readonly Dictionary<string, double> counts = joules.Keys.ToDictionary(k => k, _ => 0.0);
    private double seconds;

    public double Energy { get; private set; }

    public double Seconds => seconds;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => (long)(seconds * 1e9);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

    public ulong Count(string name) => (ulong)counts.GetValueOrDefault(name);

    /// <summary>Power above idle that these rates cost.</summary>
    public double Dynamic(IReadOnlyDictionary<string, double> rates) => rates.Sum(r => joules.GetValueOrDefault(r.Key) * r.Value);

    /// <summary>Time passes; <paramref name="unseen"/> is power that no counter shows, as a share of the dynamic power.</summary>
    public void Work(double duration, IReadOnlyDictionary<string, double> rates, double unseen = 0)
    {
        seconds += duration;
        Energy += duration * (idleWatts + (Dynamic(rates) * (1 + unseen)));
        foreach ((string name, double rate) in rates)
        {
            counts[name] = counts.GetValueOrDefault(name) + (rate * duration);
        }
    }

    public RawCount Raw(string name) => new(Count(name), (ulong)GetTimestamp(), (ulong)GetTimestamp());
}
