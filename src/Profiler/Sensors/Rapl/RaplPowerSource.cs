using System.Globalization;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Rapl;

/// <summary>
/// Energy from the processor's own counters. They are read at both ends of a window and, so that no wrap is missed and the power
/// can be shown, in between; those readings are means over the time between two of them.
/// </summary>
internal sealed class RaplPowerSource : IPowerSource
{
    // Intel SDM volume 3B, 16.10.3: the unit of energy is 61 µJ on most parts, the update interval about 1 ms.
    private const double UnitJoules = 61e-6;
    private const double UpdateSeconds = 1e-3;
    private const double LongestPoll = 0.05;
    private const double ShortestPoll = 0.005;
    private const double ShortestToJudge = 0.1;

    private readonly PowerSourceContext context;
    private readonly RaplCounter[] counters;
    private readonly SampleSink sink = new();
    private readonly double pollSeconds;
    private IDisposable? polling;
    private long started;
    private double readTo;

    /// <exception cref="SensorException">A counter wraps too fast to be followed.</exception>
    public RaplPowerSource(IReadOnlyList<RaplZone> zones, IReadOnlyList<PowerRail> rails, PowerSourceContext context)
    {
        this.context = context;
        double shortest = zones.Min(RaplCounter.ShortestWrap);
        // A third of the shortest wrap: one late reading does no harm.
        pollSeconds = Math.Min(LongestPoll, shortest / 3);
        if (pollSeconds < ShortestPoll)
        {
            RaplZone zone = zones.MinBy(RaplCounter.ShortestWrap)!;
            throw new SensorException(string.Create(
                CultureInfo.InvariantCulture,
                $"{zone.Name}: max_energy_range_uj is {zone.RangeMicrojoules}, so its counter could wrap every {shortest * 1e3:F2} ms; wraps that fast cannot be counted from outside the kernel"));
        }

        counters = [.. zones.Select(z => new RaplCounter(z))];
        Rails = rails;
        Name = "RAPL (powercap)";
        Provenance = context.ProvenanceOf(Name);
    }

    public string Name { get; }

    public Provenance Provenance { get; }

    public IReadOnlyList<PowerRail> Rails { get; }

    public PowerTraits Traits { get; } = TraitsOfAll;

    internal static PowerTraits TraitsOfAll { get; } = new(
        new Seconds(UpdateSeconds), default, new Watts(UnitJoules / UpdateSeconds), new Seconds(UpdateSeconds), PowerReadout.EnergyCounter);

    public void Start()
    {
        if (polling is not null)
        {
            throw new InvalidOperationException("a window is open already");
        }

        sink.Clear();
        readTo = 0;
        foreach (RaplCounter counter in counters)
        {
            counter.Begin();
        }

        started = context.Clock.GetTimestamp();
        polling = context.Scheduler.Run(Poll);
    }

    /// <summary>Mean power between two readings of the counter.</summary>
    public bool TryTake(out PowerSample sample) => sink.TryTake(out sample);

    public PowerWindow Stop()
    {
        if (polling is null)
        {
            throw new InvalidOperationException("no window is open");
        }

        polling.Dispose();
        polling = null;
        Seconds duration = new(context.Clock.GetElapsedTime(started).TotalSeconds);
        Read(duration);
        Joules[] energy = [.. counters.Select(c => c.Energy)];
        double summed = PowerRail.Summed(Rails).Sum(i => energy[i].Value);
        if (summed <= 0 && duration.Value >= ShortestToJudge)
        {
            sink.Fail($"{Name}: the counters did not move in {duration}");
        }

        return new PowerWindow(duration, energy, sink.ToArray(), Provenance, sink.Invalid);
    }

    public void Dispose()
    {
        polling?.Dispose();
        polling = null;
        foreach (RaplCounter counter in counters)
        {
            counter.Dispose();
        }
    }

    private Seconds Poll(Seconds now)
    {
        Read(now);
        return now + new Seconds(pollSeconds);
    }

    private void Read(Seconds now)
    {
        double length = now.Value - readTo;
        for (int i = 0; i < counters.Length; i++)
        {
            try
            {
                Joules energy = counters[i].Advance(now.Value);
                // Two readings within one update show nothing or too much.
                if (length >= ShortestPoll)
                {
                    sink.Add(new Seconds(now.Value - (length / 2)), i, energy / new Seconds(length));
                }
            }
            catch (SensorException failed)
            {
                sink.Fail(failed.Message);
            }
        }

        readTo = length >= ShortestPoll ? now.Value : readTo;
    }
}
