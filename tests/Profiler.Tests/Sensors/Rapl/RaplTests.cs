using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Rapl;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Tests.Sensors.Hwmon;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Rapl;

public sealed class RaplTests
{
    private static readonly RaplFamily Family = new();
    private static readonly PowerSourceEntry All = new("rapl", null, null, [new RailEntry("processor", null, null, null, RailRole.Part)]);

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Packages_and_memory_are_summed_and_what_overlaps_is_not()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var package = new BenchLine(time, 1, 30, 10, 5);
        var memory = new BenchLine(time, 1, 4);
        using var tree = new SimulatedRapl(folder.Path,
        [
            new("intel-rapl:0", "package-0", package), new("intel-rapl:0:0", "core", new BenchLine(time, 1, 20)), new("intel-rapl:0:1", "uncore", new BenchLine(time, 1, 1)),
            new("intel-rapl:0:2", "dram", memory), new("intel-rapl:1", "psys", new BenchLine(time, 1, 55)), new("intel-rapl-mmio:0", "package-0", package),
        ]);
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal(["package-0", "package-0/dram", "package-0/core", "package-0/uncore", "psys"], found.Rails.Select(r => r.Name));
        using IPowerSource source = Family.Open(All, time.Context(folder.Path));

        PowerWindow window = HwmonTests.Window(time, source, 2, tree);

        Assert.Null(window.Invalid);
        Assert.Equal(PowerReadout.EnergyCounter, source.Traits.Readout);
        double sum = PowerRail.Summed(source.Rails).Sum(i => window.Energy[i].Value);
        Assert.Equal(package.Joules(0, 2) + memory.Joules(0, 2), sum, 0.05); // a millisecond at either end
        Assert.Equal(30, window.Samples.Where(s => s.Rail == 0).Average(s => s.Power.Value), 0.5);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Wraps_are_added_up()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var package = new BenchLine(time, 1, 60);
        // 300 J of range at 60 W: four wraps in 20 s, the first after a tenth of a second.
        using var tree = new SimulatedRapl(folder.Path, [new("intel-rapl:0", "package-0", package, StartJoules: 294, RangeMicrojoules: 300_000_000)]);
        using IPowerSource source = Family.Open(All, time.Context(folder.Path));
        PowerWindow window = HwmonTests.Window(time, source, 20, tree);
        Assert.Null(window.Invalid);
        Assert.Equal(1200, window.Energy[0].Value, 0.2);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Rails_that_overlap_are_refused_whatever_the_device_file_says()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var tree = new SimulatedRapl(folder.Path,
        [
            new("intel-rapl:0", "package-0", new BenchLine(time, 1, 30)), new("intel-rapl:0:0", "core", new BenchLine(time, 1, 20)), new("intel-rapl:1", "psys", new BenchLine(time, 1, 55)),
        ]);
        foreach (string other in new[] { "package-0/core", "psys" })
        {
            var entry = new PowerSourceEntry("rapl", null, null, [new("a", "package-0", null, null, RailRole.Part), new("b", other, null, null, RailRole.Part)]);
            Assert.Contains("overlap", Assert.Throws<SensorException>(() => Family.Open(entry, time.Context(folder.Path))).Message, StringComparison.Ordinal);
        }

        var alone = new PowerSourceEntry("rapl", null, null, [new("platform", "psys", null, null, RailRole.Total)]);
        Family.Open(alone, time.Context(folder.Path)).Dispose();
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_machine_without_counters_has_nothing_and_says_why()
    {
        using var folder = new TempFolder();
        var context = new BenchTime().Context(folder.Path);
        Assert.Empty(Family.Discover(context));
        Assert.Contains("modprobe intel_rapl_msr", Assert.Throws<SensorException>(() => Family.Open(All, context)).Message, StringComparison.Ordinal);
    }
}
