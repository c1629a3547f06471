using System.Diagnostics.CodeAnalysis;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Power;

/// <summary>A device on which nothing tells the energy.</summary>
internal sealed class NoEnergyWindow : IEnergyWindow
{
    private NoEnergyWindow()
    {
    }

    public static NoEnergyWindow Instance { get; } = new();

    public Seconds Shortest => default;

    public bool TryStart() => false;

    public bool TryStop([NotNullWhen(true)] out EnergyReading? reading)
    {
        reading = null;
        return false;
    }
}
