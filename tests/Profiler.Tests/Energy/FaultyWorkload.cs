using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Energy;

/// <summary>Changes what a workload says of itself.</summary>
internal sealed class FaultyWorkload(IEnergyWorkload inner, Func<Activity, int, Activity> change) : IEnergyWorkload
{
    private int calls;

    public IReadOnlyList<double> LayerSeconds => inner.LayerSeconds;

    public double NetworkSeconds => inner.NetworkSeconds;

    public double SlowNetworkSeconds => inner.SlowNetworkSeconds;

    public Activity Idle(Seconds duration, CancellationToken cancel) => change(inner.Idle(duration, cancel), calls++);

    public Activity Empty(int markers, Seconds duration, CancellationToken cancel) => change(inner.Empty(markers, duration, cancel), calls++);

    public Activity Layer(int layer, Seconds duration, CancellationToken cancel) => change(inner.Layer(layer, duration, cancel), calls++);

    public Activity Network(Seconds duration, CancellationToken cancel) => change(inner.Network(duration, cancel), calls++);

    public Activity? Boosted(int layer, int repeats, Seconds duration, CancellationToken cancel) =>
        inner.Boosted(layer, repeats, duration, cancel) is { } activity ? change(activity, calls++) : null;
}
