namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>Tries each event by itself on the calling thread.</summary>
public static class PerfProbe
{
    /// <summary>Whether each event can be counted here; the failure is null where it can.</summary>
    public static IReadOnlyList<(PerfEvent Event, PerfFailure? Failure)> Run(IReadOnlyList<PerfEvent> events, string root)
    {
        ArgumentNullException.ThrowIfNull(events);
        var found = new List<(PerfEvent, PerfFailure?)>();
        foreach (PerfEvent counted in events)
        {
            PerfCounters.TryOpenCallingThread([counted], root, out PerfCounters? counters, out PerfFailure? failure);
            counters?.Dispose();
            found.Add((counted, failure));
        }

        return found;
    }

    /// <summary>The failures in words, events with the same one together; empty where there is none.</summary>
    public static string Describe(IEnumerable<PerfFailure> failures) => string.Join(
        "; ", failures.GroupBy(f => f.Problem).Select(g => $"{string.Join(", ", g.Select(f => f.Event))}: {g.Key}"));
}
