namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>Files that a simulated driver keeps up to date.</summary>
public interface ISimulatedTree
{
    /// <summary>Writes what the driver would show at the board's time of now.</summary>
    void Refresh();
}
