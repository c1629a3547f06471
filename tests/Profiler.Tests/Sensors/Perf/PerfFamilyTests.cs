using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

public sealed class PerfFamilyTests
{
    [Fact]
    public void A_calibration_of_the_time_on_a_core_gives_the_energy_of_this_process()
    {
        Assert.SkipUnless(PerfCounters.TryOpen([PerfEvents.Kernel[0]], "/", out PerfCounters? trial, out _), "this system lets nobody count");
        trial!.Dispose();
        using var folder = new TempFolder();
        string processor = PerfPmu.Processor("/", PerfPmu.All("/"));
        string path = Save(folder, CalibrationExample.Of(processor, new CounterCoefficient(PerfEvents.TaskClock, 1500)));

        using IPowerSource source = new PerfFamily([]).Open(Entry(path), Context("/"));
        source.Start();
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() => BusyThread.For(0.1)))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        PowerWindow window = source.Stop();
        Assert.Null(window.Invalid);
        Assert.Equal(ProvenanceKind.Counted, window.Provenance.Kind);

        // At least the idle board, at most every core busy with 1.5 W.
        Assert.InRange(window.Energy[0].Value, (2.61 * window.Duration.Value) + 1e-3, (2.61 + (1.5 * (Environment.ProcessorCount + 1))) * window.Duration.Value);
        Assert.Throws<InvalidOperationException>(() => source.Stop());
    }

    [Fact]
    public void What_is_missing_is_told_with_what_to_do()
    {
        using var folder = new TempFolder();
        var family = new PerfFamily([]);
        Assert.Contains("needs a path", Message(Entry(null)), StringComparison.Ordinal);
        Assert.Contains("does not exist", Message(Entry(folder.File("none.counters.json"))), StringComparison.Ordinal);
        Assert.Contains("made for another board, and this is", Message(Entry(Save(folder, CalibrationExample.Of("another board")))), StringComparison.Ordinal);
        File.WriteAllText(folder.File("bad.counters.json"), "{}");
        Assert.Contains("no calibration", Message(Entry(folder.File("bad.counters.json"))), StringComparison.Ordinal);

        string Message(PowerSourceEntry entry) => Assert.Throws<SensorException>(() => family.Open(entry, Context("/"))).Message;
    }

    [Fact]
    public void Discovery_says_what_is_missing()
    {
        using var folder = new TempFolder();
        DiscoveredSource found = Assert.Single(new PerfFamily([folder.Path]).Discover(Context("/")));
        Assert.Equal("perf", found.Entry.Kind);
        Assert.False(found.IsUsable);
        bool counts = PerfProbe.Run(PerfEvents.Candidates(PerfPmu.All("/")), "/").Any(p => p.Event.IsHardware && p.Failure is null);
        Assert.Contains(counts ? "no calibration" : "cycles", found.Problem, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(found.Fix);
    }

    [Fact]
    public void Discovery_survives_a_broken_system_and_broken_files()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("bad.counters.json"), "{}");
        Directory.CreateDirectory(folder.File("folder.counters.json"));
        Directory.CreateDirectory(folder.File("sys/bus/event_source/devices/cpu/type"));
        Assert.NotEmpty(new PerfFamily([folder.Path, folder.File("nothing")]).Discover(Context(folder.Path)).ToArray());
    }

    private static string Save(TempFolder folder, CounterCalibration calibration)
    {
        string path = folder.File("test.counters.json");
        CounterCalibrationFile.Save(calibration, path);
        return path;
    }

    private static PowerSourceEntry Entry(string? path) => new("perf", null, null, []) { Path = path };

    private static PowerSourceContext Context(string root) => new()
    {
        Clock = TimeProvider.System,
        Scheduler = new ThreadPollScheduler(TimeProvider.System),
        OpenBus = bus => throw new SensorException($"no bus {bus}"),
        Root = root,
    };
}
