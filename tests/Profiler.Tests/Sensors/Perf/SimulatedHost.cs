using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>Counts the events of a <see cref="SimulatedMachine"/>, no more at once than its capacity.</summary>
internal sealed class SimulatedHost(SimulatedMachine machine, int capacity, IReadOnlyList<string> names) : ICounterHost
{
    public string Processor => "test";

    public int Capacity => capacity;

    /// <summary>What happens to a reading on its way; for faults.</summary>
    public Func<string, RawCount, RawCount> Distort { get; init; } = (_, count) => count;

    /// <summary>Pairs that cannot be counted together.</summary>
    public (string, string)[] Conflicts { get; init; } = [];

    public IReadOnlyList<IReadOnlyList<PerfEvent>> Groups =>
        [.. names.Chunk(capacity).Select(chunk => chunk.Select(n => new PerfEvent(n, 0, 0, true, n)).ToArray())];

    public ICounters Open(IReadOnlyList<PerfEvent> events)
    {
        string[] opened = [.. events.Select(e => e.Name)];
        Assert.InRange(opened.Length, 1, capacity);
        return Conflicts.Any(c => opened.Contains(c.Item1) && opened.Contains(c.Item2))
            ? throw new SensorException("not together")
            : new Counters(machine, opened, Distort);
    }

    private sealed class Counters(SimulatedMachine machine, string[] events, Func<string, RawCount, RawCount> distort) : ICounters
    {
        public IReadOnlyList<string> Events => events;

        public IReadOnlyList<RawCount> Read() => [.. events.Select(e => distort(e, machine.Raw(e)))];

        public void Dispose()
        {
        }
    }
}
