namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>Events of this process that are being counted, from opening to disposal.</summary>
public interface ICounters : IDisposable
{
    /// <summary>Names of the events.</summary>
    IReadOnlyList<string> Events { get; }

    /// <summary>Reads all: one row a thread, one value an event, always the same rows.</summary>
    /// <returns>Row after row; its length is a multiple of the number of events.</returns>
    /// <exception cref="SensorException">A counter cannot be read.</exception>
    IReadOnlyList<RawCount> Read();
}
