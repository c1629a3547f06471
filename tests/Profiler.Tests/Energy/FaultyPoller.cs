using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Energy;

/// <summary>
/// Puts a fault between a sensor and its host: of the board's time and a reading's power it makes the power that is read and
/// whether the part calls it new, or throws.
/// </summary>
internal sealed class FaultyPoller(IPoller inner, VirtualTime time, Func<double, double, (double Watts, bool IsFresh)> fault) : IPoller
{
    private readonly SampleSink taken = new();

    public Action<double>? OnBegin { get; init; }

    public Func<double, double>? Clock { get; init; }

    public void Begin()
    {
        OnBegin?.Invoke(time.Now.Value);
        inner.Begin();
    }

    public Seconds Poll(Seconds now, SampleSink sink)
    {
        taken.Clear();
        Seconds next = inner.Poll(now, taken);
        while (taken.TryTake(out var sample))
        {
            (double watts, bool isFresh) = fault(time.Now.Value, sample.Power.Value);
            double at = Clock is null ? sample.Time.Value : Clock(sample.Time.Value);
            sink.Add(new Seconds(at), sample.Rail, new Watts(watts), isFresh && sample.IsFresh);
        }

        return next;
    }

    public void Dispose() => inner.Dispose();
}
