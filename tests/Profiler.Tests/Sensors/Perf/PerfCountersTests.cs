using System.Runtime.InteropServices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>The system calls for real. Software events exist on nearly every Linux, hardware events where the machine has a PMU.</summary>
[Collection(Serial.Name)]
public sealed class PerfCountersTests
{
    private static readonly PerfEvent TaskClock = PerfEvents.Kernel.Single(e => e.Name == PerfEvents.TaskClock);
    private static readonly PerfEvent Faults = PerfEvents.Kernel.Single(e => e.Name == "page-faults");

    [Fact]
    public void Threads_of_before_and_of_later_are_counted_and_so_are_those_that_end()
    {
        Require([TaskClock]);
        using var go = new ManualResetEventSlim();
        long burnt = 0;
        Thread[] older = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            go.Wait();
            Interlocked.Add(ref burnt, Burn(0.15));
        }) { IsBackground = true })];
        foreach (Thread thread in older)
        {
            thread.Start();
        }

        bool opened = PerfCounters.TryOpen([TaskClock], "/", out PerfCounters? counters, out PerfFailure? failure);
        using (counters)
        {
            if (counters is null)
            {
                go.Set();
                older.ToList().ForEach(t => t.Join());
            }

            Assert.True(opened, failure?.Problem);
            Assert.True(counters!.Threads >= 4);
            IReadOnlyList<RawCount> first = counters.Read();
            go.Set();
            Thread[] newer = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() => Interlocked.Add(ref burnt, Burn(0.15))))];
            foreach (Thread thread in newer)
            {
                thread.Start();
            }

            foreach (Thread thread in older.Concat(newer))
            {
                thread.Join();
            }

            CounterDelta delta = CounterDelta.Between(first, counters.Read(), counters.Events);
            Assert.Null(delta.Problem);

            // Against what the threads counted themselves: no thread is missing, none is counted twice. Not against the processor time
            // of the process, from which a virtual machine takes off what its host took.
            Assert.InRange(burnt * 1e-9, 0.9, double.MaxValue);
            Assert.InRange(delta.Counts[0] / burnt, 0.98, 1.35);
        }
    }

    [Fact]
    public void Sleeping_takes_hardly_any_time_on_a_core_and_fresh_memory_takes_faults()
    {
        Require([TaskClock, Faults]);
        Assert.True(PerfCounters.TryOpenCallingThread([TaskClock, Faults], "/", out PerfCounters? counters, out _));
        using (counters)
        {
            IReadOnlyList<RawCount> first = counters!.Read();
            for (int i = 0; i < 20; i++)
            {
                Thread.Sleep(1);
            }

            CounterDelta slept = CounterDelta.Between(first, counters.Read(), counters.Events);
            first = counters.Read();
            Burn(0.1);
            CounterDelta burnt = CounterDelta.Between(first, counters.Read(), counters.Events);
            Assert.True(burnt.Counts[0] > 3 * slept.Counts[0]);

            const int Bytes = 64 << 20;
            first = counters.Read();
            nint memory = Marshal.AllocHGlobal(Bytes);
            for (int i = 0; i < Bytes; i += 4096)
            {
                Marshal.WriteByte(memory, i, 1);
            }

            Marshal.FreeHGlobal(memory);
            CounterDelta touched = CounterDelta.Between(first, counters.Read(), counters.Events);

            // One fault for each page, which is 4 KiB to 2 MiB.
            Assert.InRange(touched.Counts[1], Bytes >> 21, 2 * (Bytes >> 12));
        }
    }

    [Fact]
    public void Opening_while_threads_come_and_go_ends()
    {
        Require([TaskClock]);
        using var stop = new CancellationTokenSource();
        var churn = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var brief = new Thread(() => Burn(0.0005));
                brief.Start();
                brief.Join();
                Thread.Sleep(5);
            }
        });
        churn.Start();
        try
        {
            for (int i = 0; i < 10; i++)
            {
                bool opened = PerfCounters.TryOpen([TaskClock], "/", out PerfCounters? counters, out PerfFailure? failure);
                Assert.True(opened || failure!.Problem.Contains("threads are made faster", StringComparison.Ordinal), failure?.Problem);
                using (counters)
                {
                    counters?.Read();
                }
            }
        }
        finally
        {
            stop.Cancel();
            churn.Join();
        }
    }

    [Fact]
    public void Each_hardware_event_counts_or_says_in_words_why_not()
    {
        Require([TaskClock]);
        IReadOnlyList<(PerfEvent Event, PerfFailure? Failure)> probed = PerfProbe.Run(PerfEvents.Candidates(PerfPmu.All("/")), "/");
        Assert.All(probed, p => Assert.True(p.Failure is null || (p.Failure.Event == p.Event.Name && p.Failure.Problem.Length > 10)));
        if (probed.Any(p => p.Event.IsHardware && p.Failure is null))
        {
            PerfCounterHost host = PerfCounterHost.Create("/");
            Assert.InRange(host.Capacity, 1, 64);
            using ICounters counters = host.Open(host.Groups[0]);
            IReadOnlyList<RawCount> first = counters.Read();
            Burn(0.05);
            Assert.Contains(CounterDelta.Between(first, counters.Read(), counters.Events).Counts, c => c > 1e6);
        }
        else
        {
            string message = Assert.Throws<SensorException>(() => PerfCounterHost.Create("/")).Message;
            Assert.Contains("no hardware counters", message, StringComparison.Ordinal);
            Assert.All(probed.Where(p => p.Event.IsHardware), p => Assert.Contains(p.Event.Name, message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void An_event_that_no_kernel_knows_is_refused_in_words()
    {
        Require([TaskClock]);
        Assert.False(PerfCounters.TryOpen([new PerfEvent("nonsense", 4_000_000, 1, true, "")], "/", out _, out PerfFailure? failure));
        Assert.Equal("not counted by this machine", failure!.Problem);
    }

    private static void Require(IReadOnlyList<PerfEvent> events)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "counters are read on Linux");
        bool opened = PerfCounters.TryOpen(events, "/", out PerfCounters? counters, out PerfFailure? failure);
        counters?.Dispose();
        Assert.SkipUnless(opened, $"this system lets nobody count: {failure?.Problem}");
    }

    /// <summary>Takes this much time on a core, however long others hold it.</summary>
    /// <returns>Nanoseconds that it took.</returns>
    private static long Burn(double seconds)
    {
        if (!PerfCounters.TryOpenCallingThread([TaskClock], "/", out PerfCounters? own, out _))
        {
            return 0;
        }

        using (own)
        {
            ulong start = own!.Read()[0].Value;
            while (own.Read()[0].Value - start < seconds * 1e9)
            {
                Thread.SpinWait(200);
            }

            return (long)(own.Read()[0].Value - start);
        }
    }
}
