using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>Reads the rails of one source, each at its own rate.</summary>
internal sealed class SysfsPoller : IPoller
{
    private readonly string name;
    private readonly SysfsRail[] rails;
    private readonly UnchangedWatch watch;

    public SysfsPoller(string name, IReadOnlyList<SysfsChannel> channels)
    {
        this.name = name;
        watch = new UnchangedWatch(channels.All(c => c.Timing.IsKnown) ? UnchangedWatch.FineSeconds : UnchangedWatch.UnknownSeconds);
        rails = [.. channels.Select((channel, i) => new SysfsRail(channel, i))];
    }

    public void Begin()
    {
        watch.Begin();
        foreach (SysfsRail rail in rails)
        {
            rail.Begin();
        }
    }

    public Seconds Poll(Seconds now, SampleSink sink)
    {
        bool changed = false;
        double next = double.MaxValue;
        foreach (SysfsRail rail in rails)
        {
            changed |= rail.Poll(now.Value, sink);
            next = Math.Min(next, rail.Due);
        }

        // A window that is lost already needs no second reason, and no poll should build one.
        if (watch.IsStuck(now, changed) && sink.Invalid is null)
        {
            sink.Fail(watch.Describe(name));
        }

        return new Seconds(next);
    }

    public void Dispose()
    {
        foreach (SysfsRail rail in rails)
        {
            rail.Dispose();
        }
    }
}
