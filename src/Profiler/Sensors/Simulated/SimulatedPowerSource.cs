using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Simulated;

/// <summary>A real driver on a simulated board.</summary>
internal sealed class SimulatedPowerSource(IPowerSource driver, SimulatedBoard board, SimulatedHost host) : IPowerSource, ISimulatedLoad
{
    public string Name => $"{driver.Name}, simulated";

    public Provenance Provenance => driver.Provenance;

    public IReadOnlyList<PowerRail> Rails => driver.Rails;

    public PowerTraits Traits => driver.Traits;

    public void SetLoad(Watts power) => board.SetLoad(power.Value);

    public void Start() => driver.Start();

    public bool TryTake(out PowerSample sample) => driver.TryTake(out sample);

    public PowerWindow Stop() => driver.Stop();

    public void Dispose()
    {
        driver.Dispose();
        host.Dispose();
    }
}
