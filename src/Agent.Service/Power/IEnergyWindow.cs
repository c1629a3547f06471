using System.Diagnostics.CodeAnalysis;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Power;

/// <summary>
/// Tells how much energy the whole board has taken between a start and a stop. Whoever compares models opens many short
/// windows, the models in turn. One window at a time; the calls may come from different threads, one after the other.
/// </summary>
internal interface IEnergyWindow
{
    /// <summary>The shortest window whose figure means something: several readings of the sensor. Zero where there is no sensor.</summary>
    Seconds Shortest { get; }

    /// <summary>Opens a window and returns once the source runs. Does not throw.</summary>
    /// <returns>False where nothing gives energy, or where it is in use; then there is nothing to stop.</returns>
    bool TryStart();

    /// <summary>Closes the window that <see cref="TryStart"/> opened. Does not throw.</summary>
    /// <returns>False where the window must be thrown away: too few readings, a fault of the bus, a wrap of the counter.</returns>
    bool TryStop([NotNullWhen(true)] out EnergyReading? reading);
}
