using System.Diagnostics.Metrics;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>What inference has cost so far.</summary>
internal sealed class InferenceMetrics
{
    public const string MeterName = "EdgePrune.Inference";

    private readonly Histogram<double> duration;
    private long failures;
    private long count;
    private long ticks;

    public InferenceMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        duration = meter.CreateHistogram(
            "edgeprune.inference.duration",
            "s",
            "Time in the runtime for one request.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
        // Observable: it is there from the start, so that none can be told from not known.
        meter.CreateObservableCounter("edgeprune.inference.failures", () => Interlocked.Read(ref failures), description: "Requests for inference that were refused or failed.");
    }

    /// <summary>Requests that were answered.</summary>
    public long Count => Interlocked.Read(ref count);

    /// <summary>Requests that were refused or failed.</summary>
    public long Failed => Interlocked.Read(ref failures);

    /// <summary>Time in the runtime for all of them.</summary>
    public double Seconds => TimeSpan.FromTicks(Interlocked.Read(ref ticks)).TotalSeconds;

    public void Add(TimeSpan elapsed)
    {
        Interlocked.Increment(ref count);
        Interlocked.Add(ref ticks, elapsed.Ticks);
        duration.Record(elapsed.TotalSeconds);
    }

    public void AddFailure() => Interlocked.Increment(ref failures);
}
