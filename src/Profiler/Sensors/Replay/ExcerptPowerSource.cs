using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Replay;

/// <summary>
/// The part of a trace between two marked times, whatever the clock says meanwhile: for a recording that an instrument made while
/// the model ran elsewhere. Every window is the same excerpt.
/// </summary>
internal sealed class ExcerptPowerSource : IPowerSource
{
    private readonly PowerSample[] samples;
    private readonly Seconds duration;
    private readonly string? problem;
    private readonly Joules[] energy;
    private int taken;
    private bool open;

    public ExcerptPowerSource(
        string name, Provenance provenance, IReadOnlyList<PowerRail> rails, PowerTraits traits, IReadOnlyList<PowerSample> all, Seconds from, Seconds to)
    {
        (Name, Provenance, Rails, Traits) = (name, provenance, rails, traits);
        duration = to - from;
        PowerSample[] moved = [.. all.Select(s => s with { Time = s.Time - from })];
        samples = [.. moved.Where(s => s.Time >= default(Seconds) && s.Time <= duration)];
        problem = SampleIntegral.Problem(samples, rails, duration, traits);
        // With the neighbours outside, so that the ends are interpolated.
        energy = [.. Enumerable.Range(0, rails.Count).Select(rail => SampleIntegral.Energy(moved, rail, default, duration))];
    }

    public string Name { get; }

    public Provenance Provenance { get; }

    public IReadOnlyList<PowerRail> Rails { get; }

    public PowerTraits Traits { get; }

    public void Start()
    {
        if (open)
        {
            throw new InvalidOperationException("a window is open already");
        }

        (open, taken) = (true, 0);
    }

    public bool TryTake(out PowerSample sample)
    {
        bool any = open && taken < samples.Length;
        sample = any ? samples[taken++] : default;
        return any;
    }

    public PowerWindow Stop()
    {
        if (!open)
        {
            throw new InvalidOperationException("no window is open");
        }

        open = false;
        return new PowerWindow(duration, energy, samples, Provenance, problem);
    }

    public void Dispose() => open = false;
}
