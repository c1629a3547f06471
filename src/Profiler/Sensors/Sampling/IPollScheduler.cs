using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sampling;

/// <summary>Calls a poll again and again at the times that it asks for: a thread of its own, or simulated time.</summary>
public interface IPollScheduler
{
    /// <summary>Begins to call.</summary>
    /// <param name="poll">Takes the time since this call and returns when to be called again. It must not throw.</param>
    /// <returns>Disposing ends the calls and returns when the last one has ended.</returns>
    IDisposable Run(Func<Seconds, Seconds> poll);
}
