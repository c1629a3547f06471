using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Replay;

/// <summary>A recorded trace of power, as <see cref="TraceWriter"/> writes it and <see cref="TraceReader"/> reads it.</summary>
/// <param name="Rails">Rails in the order of the columns.</param>
/// <param name="Samples">Readings, sorted by time.</param>
/// <param name="Facts">What the comments say: source, provenance, device, rate_hz, end…</param>
public sealed record PowerTrace(
    IReadOnlyList<PowerRail> Rails, IReadOnlyList<PowerSample> Samples, IReadOnlyDictionary<string, string> Facts)
{
    internal const string Title = "# edgeprune power trace 1";
    internal const string TimeColumn = "time_s";
    internal const string FreshColumn = "fresh";
    internal const string PowerSuffix = "_W";

    public Seconds Begin => Samples[0].Time;

    public Seconds End => Samples[^1].Time;

    /// <summary>Median time between two new readings of one rail.</summary>
    public Seconds Period
    {
        get
        {
            double[] times = [.. Samples.Where(s => s.Rail == Samples[0].Rail && s.IsFresh).Select(s => s.Time.Value)];
            double[] steps = [.. times.Zip(times.Skip(1), (a, b) => b - a).Order()];
            return new Seconds(steps.Length == 0 ? 0 : steps[steps.Length / 2]);
        }
    }
}
