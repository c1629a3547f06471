using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>
/// Events of all threads of this process. Inheritance covers only threads that are made later, and the pool of ONNX Runtime may
/// be there already: every thread is opened by itself, and inherits from then on. Counts of threads that end stay readable.
/// </summary>
public sealed class PerfCounters : ICounters
{
    private const string Tasks = "/proc/self/task";
    private const int Attempts = 20;
    private readonly List<SafeFileHandle> counters = [];

    private PerfCounters(IReadOnlyList<PerfEvent> events) => Events = [.. events.Select(e => e.Name)];

    public IReadOnlyList<string> Events { get; }

    /// <summary>Number of threads that were opened; threads that they make count with them.</summary>
    public int Threads => counters.Count / Events.Count;

    /// <summary>Begins to count. Hardware events form one group, so that they are on the hardware at the same time or not at all.</summary>
    /// <param name="events">At least one; hardware events no more than the PMU has counters.</param>
    /// <param name="root">Root of the file system, for messages.</param>
    /// <param name="failure">Why it cannot be, where false is returned.</param>
    public static bool TryOpen(IReadOnlyList<PerfEvent> events, string root, out PerfCounters? opened, out PerfFailure? failure)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentOutOfRangeException.ThrowIfZero(events.Count);
        (opened, failure) = (null, null);
        if (!PerfSystem.IsSupported)
        {
            failure = PerfFailure.Of(events[0].Name, PerfSystem.NotImplemented, root);
            return false;
        }

        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            HashSet<int> before = ThreadIds();
            var made = new PerfCounters(events);
            foreach (int thread in before)
            {
                if (!made.TryAdd(events, thread, root, out failure))
                {
                    made.Dispose();
                    return false;
                }
            }

            // A thread that appeared meanwhile is counted if its maker was open already and not if it was not. Nobody can tell, so
            // all is opened again until no thread appears.
            if (ThreadIds().IsSubsetOf(before))
            {
                opened = made;
                return true;
            }

            made.Dispose();
            Thread.Sleep(attempt);
        }

        failure = new PerfFailure(events[0].Name, 0, "threads are made faster than their counters can be opened", "try again when the process is quieter");
        return false;
    }

    /// <summary>Opens for one thread, to find out whether a group is possible.</summary>
    internal static bool TryOpenCallingThread(IReadOnlyList<PerfEvent> events, string root, out PerfCounters? opened, out PerfFailure? failure)
    {
        var made = new PerfCounters(events);
        bool good = made.TryAdd(events, thread: 0, root, out failure) && made.counters.Count > 0;
        opened = good ? made : null;
        if (!good)
        {
            made.Dispose();
        }

        return good;
    }

    public IReadOnlyList<RawCount> Read()
    {
        var counts = new RawCount[counters.Count];
        for (int i = 0; i < counts.Length; i++)
        {
            if (!PerfSystem.TryRead(counters[i], out counts[i]))
            {
                throw new SensorException($"counter {Events[i % Events.Count]} cannot be read any more; measure again");
            }
        }

        return counts;
    }

    public void Dispose()
    {
        // Members before leaders, so that no group is left without one.
        for (int i = counters.Count - 1; i >= 0; i--)
        {
            counters[i].Dispose();
        }

        counters.Clear();
    }

    /// <summary>Opens all events of one thread; a thread that has ended meanwhile is no failure.</summary>
    private bool TryAdd(IReadOnlyList<PerfEvent> events, int thread, string root, out PerfFailure? failure)
    {
        failure = null;
        int kept = counters.Count;
        SafeFileHandle? leader = null;
        foreach (PerfEvent counted in events)
        {
            SafeFileHandle? counter = PerfSystem.Open(counted, thread, counted.IsHardware ? leader : null, out int error);
            if (counter is null)
            {
                foreach (SafeFileHandle opened in counters.Skip(kept).Reverse())
                {
                    opened.Dispose();
                }

                counters.RemoveRange(kept, counters.Count - kept);
                failure = error == PerfSystem.NoSuchThread ? null : PerfFailure.Of(counted.Name, error, root);
                return failure is null;
            }

            counters.Add(counter);
            leader ??= counted.IsHardware ? counter : null;
        }

        return true;
    }

    private static HashSet<int> ThreadIds()
    {
        var ids = new HashSet<int>();
        foreach (string task in Directory.EnumerateDirectories(Tasks))
        {
            if (int.TryParse(Path.GetFileName(task), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }
}
