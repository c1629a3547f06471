using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sampling;

/// <summary>A sensor that must be asked. Called from one thread at a time; a poll allocates nothing.</summary>
public interface IPoller : IDisposable
{
    /// <summary>Prepares a window: identifies the part, writes its configuration, forgets readings of before.</summary>
    /// <exception cref="SensorException">The part cannot be reached or is another.</exception>
    void Begin();

    /// <summary>Asks once and hands what is new to the sink.</summary>
    /// <param name="now">Time since the window began.</param>
    /// <returns>When to ask again, on the same axis; a time that has passed means at once.</returns>
    /// <exception cref="SensorException">The reading failed: the window is invalid.</exception>
    Seconds Poll(Seconds now, SampleSink sink);
}
