using System.Globalization;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Hwmon;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Simulation;

public sealed class TreeTests
{
    private static readonly Seconds Conversion = new(1.1e-3);

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void An_INA3221_shows_steps_of_its_shunt_and_of_8_millivolts()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var chip = new SimulatedIna3221Hwmon(folder.Path, "1-0040", 0, [new("A", new BenchLine(time, 5.003, 1, 1), 5e-3), new("B", new BenchLine(time, 19.9, 1, 0.9), 2e-3)], 1, Conversion);
        string chips = folder.File("sys/class/hwmon/hwmon0");
        for (int i = 0; i < 200; i++)
        {
            time.Advance(3.3e-3);
            chip.Refresh();
            Assert.Equal(0, Read(chips, "in1_input") % 8);
            Assert.Equal(0, Read(chips, "curr1_input") % 8); // 40 µV over 5 mΩ
            Assert.Equal(0, Read(chips, "curr2_input") % 20); // 40 µV over 2 mΩ
            Assert.Equal(0, Read(chips, "in4_input") % 40);
        }

        Assert.Equal(5000, Read(chips, "in1_input"));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Its_average_is_recursive()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var line = new Switched(time);
        using var chip = new SimulatedIna3221Hwmon(folder.Path, "1-0040", 0, [new("A", line, 5e-3)], 16, Conversion);
        time.Advance(0.1);
        chip.Refresh();
        line.Amperes = 4;
        time.Advance(16 * 2.2e-3);
        chip.Refresh();
        // After N rounds new += (x − old)/N has come (1 − 1/N)^N short of the step.
        double expected = 4000 * (1 - Math.Pow(15 / 16.0, 16));
        Assert.Equal(expected, Read(folder.File("sys/class/hwmon/hwmon0"), "curr1_input"), 170.0); // one round more or less
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void RAPL_counts_in_units_of_61_microjoules_and_once_a_millisecond()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var rapl = new SimulatedRapl(folder.Path, [new("intel-rapl:0", "package-0", new BenchLine(time, 1, 30))]);
        string zone = folder.File("sys/class/powercap/intel-rapl:0");
        long last = Read(zone, "energy_uj");
        var steps = new HashSet<long>();
        for (int i = 0; i < 400; i++)
        {
            time.Advance(0.25e-3);
            rapl.Refresh();
            long value = Read(zone, "energy_uj");
            Assert.InRange(Math.Abs((value / 61.03515625) - Math.Round(value / 61.03515625)), 0, 0.02);
            steps.Add(value - last);
            last = value;
        }

        Assert.Contains(0, steps);
        Assert.Equal(30e-3 * 1e6, steps.Max(), 100.0);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void In_real_time_a_reader_never_sees_half_a_number()
    {
        using var folder = new TempFolder();
        var line = new RealLine();
        using var chip = new SimulatedIna2xxHwmon(folder.Path, "ina219", "1-0040", 0, line, 0.01, new Seconds(1.064e-3));
        PowerSourceContext context = PowerSourceContext.ForThisMachine(TimeProvider.System) with { Root = folder.Path, SimulatedBoard = "test" };
        PowerSourceEntry entry = new HwmonFamily().Discover(context).Single().Entry;
        using IPowerSource source = PowerSources.Open(entry, context);
        using IDisposable refresh = TreeRefresher.Follow([chip], new ThreadPollScheduler(TimeProvider.System), new Seconds(0.3e-3));

        source.Start();
        Thread.Sleep(600);
        PowerWindow window = source.Stop();

        Assert.Equal(ProvenanceKind.Simulated, window.Provenance.Kind);
        // From 9 to 11 W the number of digits changes all the time; half a number would be far away. A busy machine may leave gaps.
        Assert.DoesNotContain("number", window.Invalid ?? "", StringComparison.Ordinal);
        Assert.All(window.Samples, s => Assert.InRange(s.Power.Value, 8.5, 11.5));
        Assert.NotEmpty(window.Samples);
    }

    private static long Read(string folder, string file) => long.Parse(File.ReadAllText(Path.Combine(folder, file)).Trim(), CultureInfo.InvariantCulture);

    private sealed class Switched(BenchTime time) : ISupplyLine
    {
        public double Amperes { get; set; }

        public Seconds Now => time.Now;

        public double MeanAmperes(Seconds from, Seconds to) => Amperes;

        public double MeanVolts(Seconds from, Seconds to) => 5;
    }

    private sealed class RealLine : ISupplyLine
    {
        private readonly long begin = TimeProvider.System.GetTimestamp();

        public Seconds Now => new(TimeProvider.System.GetElapsedTime(begin).TotalSeconds);

        public double MeanAmperes(Seconds from, Seconds to) => 2 + (0.2 * Math.Sin(300 * from.Value));

        public double MeanVolts(Seconds from, Seconds to) => 5;
    }
}
