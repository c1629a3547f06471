using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;

namespace EdgePrune.Profiler.Sensors.Simulated;

/// <summary>
/// A board without hardware, for trying things out: the driver of a real sensor reads a simulated part, which sees a simulated
/// supply. The load on it is what the device file's coefficients make of the work that really runs. All figures are marked simulated.
/// </summary>
public sealed class SimulatedFamily : IPowerSourceFamily
{
    public string Kind => "simulated";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        SimulationEntry simulation = entry.Simulation
            ?? throw new SensorException("a source of kind simulated needs a simulation in its device file");
        var physics = new BoardPhysics
        {
            Idle = simulation.Idle,
            SupplyFilter = simulation.SupplyFilter,
            BackgroundWatts = simulation.BackgroundWatts,
        };
        var board = new SimulatedBoard(physics, context.Clock, simulation.Seed);
        var host = new SimulatedHost(
            board, simulation, $"a simulated {simulation.Part}", context.Clock, new ThreadPollScheduler(context.Clock), spend: null);
        try
        {
            return new SimulatedPowerSource(PowerSources.Open(host.Entry, host.Context), board, host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Nothing: a simulated board is found in a device file only.</summary>
    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context) => [];
}
