using System.Diagnostics;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>This machine's counters, through perf_event_open.</summary>
public sealed class PerfCounterHost : ICounterHost
{
    private const double TrialMilliseconds = 5;
    private readonly string root;

    private PerfCounterHost(string root, string processor, IReadOnlyList<IReadOnlyList<PerfEvent>> groups)
    {
        this.root = root;
        Processor = processor;
        Groups = groups;
        Capacity = groups.Max(g => g.Count(e => e.IsHardware));
    }

    public string Processor { get; }

    public int Capacity { get; }

    public IReadOnlyList<IReadOnlyList<PerfEvent>> Groups { get; }

    /// <summary>Finds what can be counted, and how much of it at once.</summary>
    /// <exception cref="SensorException">No hardware event can be counted; says for each why, and what to do.</exception>
    public static PerfCounterHost Create(string root)
    {
        IReadOnlyList<PerfPmu> pmus = PerfPmu.All(root);
        if (pmus.Count > 1)
        {
            throw new SensorException(
                $"this machine has {pmus.Count} kinds of cores ({string.Join(", ", pmus.Select(p => p.Name))}), and a counter of one does not see the others; counters are no source here");
        }

        IReadOnlyList<(PerfEvent Event, PerfFailure? Failure)> probed = PerfProbe.Run(PerfEvents.Candidates(pmus), root);
        PerfEvent[] usable = [.. probed.Where(p => p.Failure is null).Select(p => p.Event)];
        if (!usable.Any(e => e.IsHardware))
        {
            PerfFailure[] failures = [.. probed.Where(p => p.Event.IsHardware).Select(p => p.Failure!)];
            throw new SensorException(
                $"this machine has no hardware counters that can be read: {PerfProbe.Describe(failures)}; {failures.Select(f => f.Fix).FirstOrDefault(f => f is not null)}");
        }

        return new PerfCounterHost(root, PerfPmu.Processor(root, pmus), Pack(usable, events => IsPossible(events, root)));
    }

    public ICounters Open(IReadOnlyList<PerfEvent> events) =>
        PerfCounters.TryOpen(events, root, out PerfCounters? counters, out PerfFailure? failure) ? counters! : throw failure!.ToException();

    /// <summary>Fills groups in order; an event opens a new group where it does not fit into the last.</summary>
    internal static IReadOnlyList<IReadOnlyList<PerfEvent>> Pack(
        IReadOnlyList<PerfEvent> usable, Func<IReadOnlyList<PerfEvent>, bool> isPossible)
    {
        List<List<PerfEvent>> groups = [[]];
        foreach (PerfEvent hardware in usable.Where(e => e.IsHardware))
        {
            if (groups[^1].Count > 0 && !isPossible([.. groups[^1], hardware]))
            {
                groups.Add([]);
            }

            groups[^1].Add(hardware);
        }

        groups[0].InsertRange(0, usable.Where(e => !e.IsHardware));
        return groups;
    }

    /// <summary>
    /// The kernel refuses a group that can never fit, but does not know that a watchdog holds a counter; so the group must also
    /// count all the time while the thread is busy.
    /// </summary>
    private static bool IsPossible(IReadOnlyList<PerfEvent> events, string root)
    {
        if (!PerfCounters.TryOpenCallingThread(events, root, out PerfCounters? counters, out _))
        {
            return false;
        }

        using (counters)
        {
            IReadOnlyList<RawCount> before = counters!.Read();
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < TrialMilliseconds)
            {
                Thread.SpinWait(100);
            }

            CounterDelta delta = CounterDelta.Between(before, counters.Read(), counters.Events);
            return delta.Problem is null && !delta.IsScaled;
        }
    }
}
