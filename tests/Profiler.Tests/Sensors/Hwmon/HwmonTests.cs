using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Hwmon;
using EdgePrune.Profiler.Simulation.Trees;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Hwmon;

public sealed class HwmonTests
{
    private static readonly Seconds Conversion = new(1.1e-3);
    private static readonly HwmonFamily Family = new();

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_Jetson_s_total_is_its_input_rail_and_agrees_with_the_truth()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var whole = new BenchLine(time, 5.0, 2, 0.7, 3);
        using var chip = OrinNano(folder.Path, time, whole, number: 3);
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal("ina3221 at 1-0040 (hwmon)", found.Name);
        Assert.Equal([("VDD_IN", RailRole.Total), ("VDD_CPU_GPU_CV", RailRole.Detail), ("VDD_SOC", RailRole.Detail)], found.Rails.Select(r => (r.Name, r.Role)));
        Assert.Equal(7e-3, found.Traits!.Period.Value, 9); // update_interval has whole milliseconds: 6.6 is shown as 7
        Assert.Equal(40e-6 / 5e-3 * 5.0, found.Traits.Resolution.Value, 6);

        using IPowerSource source = Family.Open(found.Entry, time.Context(folder.Path));
        PowerWindow window = Window(time, source, 2, chip);

        Assert.Null(window.Invalid);
        Assert.Equal(ProvenanceKind.Measured, window.Provenance.Kind);
        Assert.Equal([0], PowerRail.Summed(source.Rails));
        Assert.Equal(whole.Joules(0, 2), window.Energy[0].Value, 0.003 * whole.Joules(0, 2));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void An_AGX_Orin_s_rails_are_summed_over_both_chips_without_the_one_that_is_inside_another()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var second = new SimulatedIna3221Hwmon(folder.Path, "1-0041", 1, [new("NC", null, 2e-3), new("VDDQ_VDD2_1V8AO", new BenchLine(time, 5, 0.25), 2e-3), new("NC", null, 2e-3)], 1, Conversion);
        using var first = new SimulatedIna3221Hwmon(
            folder.Path, "1-0040", 5, [new("VDD_GPU_SOC", new BenchLine(time, 19, 0.5), 2e-3), new("VDD_CPU_CV", new BenchLine(time, 19, 0.4), 2e-3), new("VIN_SYS_5V0", new BenchLine(time, 5, 1), 2e-3)], 1, Conversion);
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal("ina3221 at 1-0040 and ina3221 at 1-0041 (hwmon)", found.Name);
        using IPowerSource source = Family.Open(found.Entry, time.Context(folder.Path));

        PowerWindow window = Window(time, source, 1, first, second);

        Assert.Null(window.Invalid);
        Assert.Equal(["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"], PowerRail.Summed(source.Rails).Select(i => source.Rails[i].Name));
        double sum = PowerRail.Summed(source.Rails).Sum(i => window.Energy[i].Value);
        // Half a step of 20 mA on each rail.
        Assert.Equal((19 * 0.9) + 5, sum, 10e-3 * (19 + 19 + 5));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void An_AGX_Xavier_s_six_rails_are_all_parts()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        SimulatedChannel Rail(string label) => new(label, new BenchLine(time, 12, 0.5), 5e-3);
        using var first = new SimulatedIna3221Hwmon(folder.Path, "1-0040", 1, [Rail("GPU"), Rail("CPU"), Rail("SOC")], 1, Conversion);
        using var second = new SimulatedIna3221Hwmon(folder.Path, "1-0041", 2, [Rail("CV"), Rail("VDDRQ"), Rail("SYS5V")], 1, Conversion);
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal(6, PowerRail.Summed(found.Rails).Count);
    }

    [Theory(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    [InlineData("ina219", 0.1, 2e-3, 1.064e-3)]
    [InlineData("ina226", 0.02, 3.125e-3, 2e-3)]
    public void The_power_file_of_ina2xx_is_read_at_its_rate(string name, double shunt, double step, double interval)
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var line = new BenchLine(time, 5.1, 0.8, 0.3, 7);
        using var chip = new SimulatedIna2xxHwmon(folder.Path, name, "1-0045", 7, line, shunt, new Seconds(interval));
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.Equal(step, found.Traits!.Resolution.Value, 9);
        Assert.Equal(interval, found.Traits.Period.Value, 6);
        using IPowerSource source = Family.Open(found.Entry, time.Context(folder.Path));

        PowerWindow window = Window(time, source, 1, chip);

        Assert.Null(window.Invalid);
        Assert.InRange(window.Samples.Count, 0.9 / interval, 1.1 / interval);
        Assert.Equal(line.Joules(0, 1), window.Energy[0].Value, 0.01 * line.Joules(0, 1));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_mean_comes_before_an_instant_and_a_card_needs_no_name_in_the_device_file()
    {
        using var folder = new TempFolder();
        string card = Card(folder.Path, 0, "amdgpu");
        File.WriteAllText(Path.Combine(card, "power1_average"), "31000000\n");
        File.WriteAllText(Path.Combine(card, "power1_input"), "99000000\n");
        File.WriteAllText(Path.Combine(card, "power1_label"), "PPT\n");
        var time = new BenchTime();
        var entry = new PowerSourceEntry("hwmon", null, null, [new RailEntry("graphics", null, null, null, RailRole.Part)]) { Path = "amdgpu" };
        using IPowerSource source = Family.Open(entry, time.Context(folder.Path));
        source.Start();
        time.Advance(1);
        PowerWindow window = source.Stop();
        Assert.Null(window.Invalid);
        Assert.Equal(31, window.Energy[0].Value, 6);
        Assert.Equal(50, window.Samples.Count, 2.0);
        Assert.Contains(window.Samples, s => !s.IsFresh);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Voltage_and_current_of_other_chips_belong_together_by_label_only()
    {
        using var folder = new TempFolder();
        string chip = Card(folder.Path, 0, "vendorpmic");
        Write(chip, "in3_label", "Vout2", "in3_input", "1800", "curr1_label", "vout2", "curr1_input", "500", "curr2_input", "700", "in2_input", "900");
        DiscoveredSource found = Assert.Single(Family.Discover(new BenchTime().Context(folder.Path)));
        Assert.Equal("Vout2", Assert.Single(found.Rails).Name);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Attributes_of_old_kernels_in_the_device_s_folder_are_found()
    {
        using var folder = new TempFolder();
        string chip = Path.Combine(folder.Path, "sys/class/hwmon/hwmon0");
        Directory.CreateDirectory(Path.Combine(chip, "device"));
        Write(Path.Combine(chip, "device"), "name", "ina226", "power1_input", "2500000");
        Assert.Equal("ina226 at hwmon0 (hwmon)", Assert.Single(Family.Discover(new BenchTime().Context(folder.Path))).Name);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Without_the_class_folder_the_drivers_folders_are_looked_through()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var chip = OrinNano(folder.Path, time, new BenchLine(time, 5, 2), number: 3);
        Directory.Delete(Path.Combine(folder.Path, "sys/class"), recursive: true);
        Assert.Equal("ina3221 at 1-0040 (hwmon)", Assert.Single(Family.Discover(time.Context(folder.Path))).Name);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_recursive_average_is_told_and_its_delay_is_taken_off()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        var line = new BenchLine(time, 5, 2, 1, 0.5);
        using var chip = new SimulatedIna3221Hwmon(folder.Path, "1-0040", 0, [new("VDD_IN", line, 5e-3)], 16, Conversion);
        DiscoveredSource found = Assert.Single(Family.Discover(time.Context(folder.Path)));
        Assert.True(found.IsUsable);
        Assert.Contains("averages 16 conversions", found.Fix, StringComparison.Ordinal);
        Assert.Equal(2.2e-3, found.Traits!.Period.Value, 4);
        Assert.Equal(31 * 2.2e-3, found.Traits.Averaging.Value, 2e-3);
        time.Advance(1);
        using IPowerSource source = Family.Open(found.Entry, time.Context(folder.Path));
        PowerWindow window = Window(time, source, 0.5, chip);
        // A quarter of a second of delay-free slope: the average lags by 33 ms, which would be 5 % here.
        Assert.Equal(line.Joules(1, 1.5), window.Energy[0].Value, 0.012 * line.Joules(1, 1.5));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_poll_allocates_nothing()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var chip = OrinNano(folder.Path, time, new BenchLine(time, 5, 2), 1);
        var context = time.Context(folder.Path);
        var poller = new EdgePrune.Profiler.Sensors.Sysfs.SysfsPoller("x", [.. HwmonChip.Find(context).SelectMany(HwmonChannels.Of)]);
        var sink = new EdgePrune.Profiler.Sensors.Sampling.SampleSink();
        poller.Begin();
        Seconds next = poller.Poll(default, sink);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
        {
            next = poller.Poll(next, sink);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(3 * 501, sink.ToArray().Length);

        // Nobody writes the files: after some seconds the part counts as stuck, and the window is lost.
        while (sink.Invalid is null)
        {
            next = poller.Poll(next, sink);
        }

        sink.Clear();
        poller.Poll(next, sink);
        Assert.Contains("stuck", sink.Invalid, StringComparison.Ordinal);
        before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
        {
            next = poller.Poll(next, sink);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        poller.Dispose();
    }

    internal static PowerWindow Window(BenchTime time, IPowerSource source, double seconds, params IReadOnlyList<ISimulatedTree> trees)
    {
        using IDisposable refresh = TreeRefresher.Follow(trees, time, new Seconds(2.5e-4));
        source.Start();
        time.Advance(seconds);
        return source.Stop();
    }

    internal static SimulatedIna3221Hwmon OrinNano(string root, BenchTime time, BenchLine whole, int number) => new(
        root,
        "1-0040",
        number,
        [new("VDD_IN", whole, 5e-3), new("VDD_CPU_GPU_CV", new BenchLine(time, 5, 0.8, 0.1, 11), 5e-3), new("VDD_SOC", new BenchLine(time, 5, 0.5, 0.05, 13), 5e-3)],
        1,
        Conversion);

    internal static string Card(string root, int number, string name)
    {
        string folder = Path.Combine(root, $"sys/class/hwmon/hwmon{number}");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "name"), name + "\n");
        return folder;
    }

    internal static void Write(string folder, params string[] files)
    {
        for (int i = 0; i < files.Length; i += 2)
        {
            File.WriteAllText(Path.Combine(folder, files[i]), files[i + 1] + "\n");
        }
    }
}
