using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sampling;

/// <summary>A power source made of a sensor that must be asked and of something that asks it in time.</summary>
public sealed class SampledPowerSource : IPowerSource
{
    private readonly IPoller poller;
    private readonly IPollScheduler scheduler;
    private readonly TimeProvider clock;
    private readonly SampleSink sink = new();
    private IDisposable? polling;
    private long started;

    /// <param name="poller">Taken over.</param>
    public SampledPowerSource(
        string name,
        Provenance provenance,
        IReadOnlyList<PowerRail> rails,
        PowerTraits traits,
        IPoller poller,
        IPollScheduler scheduler,
        TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(rails);
        Name = name;
        Provenance = provenance;
        Rails = rails;
        Traits = traits;
        this.poller = poller;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    public string Name { get; }

    public Provenance Provenance { get; }

    public IReadOnlyList<PowerRail> Rails { get; }

    public PowerTraits Traits { get; }

    public void Start()
    {
        if (polling is not null)
        {
            throw new InvalidOperationException("a window is open already");
        }

        sink.Clear();
        poller.Begin();
        started = clock.GetTimestamp();
        polling = scheduler.Run(Poll);
    }

    public bool TryTake(out PowerSample sample) => sink.TryTake(out sample);

    public PowerWindow Stop()
    {
        if (polling is null)
        {
            throw new InvalidOperationException("no window is open");
        }

        Seconds duration = new(clock.GetElapsedTime(started).TotalSeconds);
        polling.Dispose();
        polling = null;
        PowerSample[] samples = sink.ToArray();
        string? invalid = sink.Invalid ?? SampleIntegral.Problem(samples, Rails, duration, Traits);
        Joules[] energy = [.. Enumerable.Range(0, Rails.Count).Select(rail => SampleIntegral.Energy(samples, rail, default, duration))];
        return new PowerWindow(duration, energy, samples, Provenance, invalid) { Started = started };
    }

    public void Dispose()
    {
        polling?.Dispose();
        polling = null;
        poller.Dispose();
    }

    private Seconds Poll(Seconds now)
    {
        try
        {
            return poller.Poll(now, sink);
        }
        catch (SensorException failed)
        {
            sink.Fail(failed.Message);
            // A sensor that has failed is asked again now and then: the window is lost, the next one need not be.
            return now + new Seconds(0.1);
        }
    }
}
