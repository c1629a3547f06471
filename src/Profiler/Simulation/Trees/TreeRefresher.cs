using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>Keeps simulated trees up to date while time passes.</summary>
public static class TreeRefresher
{
    /// <param name="scheduler">Calls, in real or in simulated time.</param>
    /// <param name="period">Time between two refreshes; shorter than the update interval of the parts.</param>
    /// <returns>Disposing ends it.</returns>
    public static IDisposable Follow(IReadOnlyList<ISimulatedTree> trees, IPollScheduler scheduler, Seconds period)
    {
        ArgumentNullException.ThrowIfNull(trees);
        ArgumentNullException.ThrowIfNull(scheduler);
        return scheduler.Run(now =>
        {
            foreach (ISimulatedTree tree in trees)
            {
                tree.Refresh();
            }

            return now + period;
        });
    }
}
