namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>A machine that counts events.</summary>
public interface ICounterHost
{
    /// <summary>What a calibration of it is good for.</summary>
    string Processor { get; }

    /// <summary>How many hardware events can be counted at once without taking turns.</summary>
    int Capacity { get; }

    /// <summary>All usable events, in groups that can be counted at once. Software events stand in the first.</summary>
    IReadOnlyList<IReadOnlyList<PerfEvent>> Groups { get; }

    /// <summary>Counts these events in all threads of this process.</summary>
    /// <exception cref="SensorException">They cannot be counted; the message says what to do.</exception>
    ICounters Open(IReadOnlyList<PerfEvent> events);
}
