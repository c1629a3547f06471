using System.Globalization;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Reports;
using EdgePrune.Cli.Sensors;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Replay;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

public sealed class SensorsTests
{
    private static readonly SensorRail[] Jetson = [new("VDD_IN", "total"), new("VDD_CPU_GPU_CV", "detail"), new("VDD_SOC", "detail")];

    private static readonly SensorsDocument Board = new(
        "host",
        new EnergyOrigin("modelled", "coefficients of host.yaml", "modelled", [new("board", "total")], null),
        [
            new("hwmon", "ina3221 at 1-0040 (hwmon)", true, "samples", 142.9, 2.3, 9.3, 40.2, Jetson, null, "It averages 16 conversions recursively", "sources:\n  - kind: hwmon"),
            new("rapl", "RAPL (powercap)", false, "energy_counter", 1000, null, 1, 61, [new("package-0", "part")], "/sys/class/powercap/intel-rapl:0/energy_uj may not be read by this user", "sudo chmod a+r it", null),
        ]);

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void What_was_found_reads_well_at_both_widths(int width) =>
        Golden.Check($"sensors-{width}", Rendered.At(width, console => SensorsReport.Show(console, Board)));

    [Fact]
    public void A_machine_without_sensors_is_told_plainly() =>
        Golden.Check("sensors-none", Rendered.At(80, console => SensorsReport.Show(console, Board with { Found = [] })));

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void A_check_reads_well_at_both_widths(int width)
    {
        var document = new SensorCheckDocument(
            "jetson-orin-nano", "ina3221 at 1-0040 (hwmon)", "measured",
            new CheckedNoise(4.812, 55.2, 40.1, -3.4, 1.2, 142.9, 0.012, [new(0.05, 12.3, 400), new(0.1, 8.1, 200), new(0.2, 6.4, 100)], [new(1, 17.7, true), new(10, 9.1, false)]),
            new CheckedModel("digits.onnx", 0.81, 4.81, 6.93, 1.72, [new(1, 14.3, 0.0083), new(10, 7.4, 0.0043)], "resolves"));
        Golden.Check($"sensors-check-{width}", Rendered.At(width, console => SensorCheckReport.Show(console, document)));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void The_live_view_fits_the_terminal(int width)
    {
        var time = new BenchSource();
        var watch = new SensorWatch(time, TimeProvider.System);
        for (int i = 0; i < 400; i++)
        {
            watch.History[0].Add(new Seconds(i / 20.0), new Watts(5 + Math.Sin(i / 10.0)));
            watch.History[1].Add(new Seconds(i / 20.0), new Watts(0.4));
        }

        Golden.Check($"sensors-watch-{width}", Rendered.At(width, console => console.Write(SensorWatchView.Live(watch, "ina3221 at 1-0040 (hwmon)", "measured", width, "trace.csv"))));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("5", "▁")]
    [InlineData("1 1 1", "▁▁▁")]
    [InlineData("0 1 2 3 4 5 6 7", "▁▂▃▄▅▆▇█")]
    [InlineData("7 0", "█▁")]
    public void A_sparkline_goes_from_the_least_to_the_largest(string values, string line) =>
        Assert.Equal(line, SensorWatchView.Sparkline([.. values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => double.Parse(v, CultureInfo.InvariantCulture))]));

    [Fact]
    public void The_lines_for_a_device_file_are_a_source_that_is_read_back()
    {
        var entry = new Profiler.Devices.PowerSourceEntry("hwmon", 1, 0x40, [new("VDD: IN's", "VDD: IN's", null, null, RailRole.Total), new("channel 2", null, 2, null, RailRole.Detail)]) { Path = "ina3221" };
        string host = File.ReadAllText(Path.Combine(Repository.Root, "devices", "host.yaml"));
        int begin = host.IndexOf("sources:", StringComparison.Ordinal);
        string text = host[..begin] + DeviceFileText.Of(entry) + "\n" + host[host.IndexOf("idle:", StringComparison.Ordinal)..];
        Profiler.Devices.PowerSourceEntry read = Profiler.Devices.DeviceParser.Parse(text, "x.yaml").Sources.Single();
        Assert.Equal(entry with { Rails = read.Rails }, read);
        Assert.Equal(entry.Rails, read.Rails);
    }

    [Fact]
    public void Each_kind_of_source_found_is_a_document()
    {
        using var machine = new FakeMachine();
        machine.Hwmon("ina226", "power1_input", "2500000");
        machine.Rapl();

        CapturedRun run = machine.Run("sensors", "--json");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(["hwmon", "rapl", "perf"], run.Document.GetProperty("found").EnumerateArray().Select(f => f.GetProperty("kind").GetString()));
        Assert.Equal("modelled", run.Document.GetProperty("energy").GetProperty("provenance").GetString());
    }

    [Fact]
    public void A_device_whose_source_is_missing_ends_with_4_and_its_reason()
    {
        using var machine = new FakeMachine();
        CapturedRun run = machine.Run("sensors", "--device", "jetson-orin-nano", "--json");
        Assert.Equal(ExitCode.DeviceUnavailable, run.Code);
        Assert.Contains("modprobe", run.Document.GetProperty("energy").GetProperty("problem").GetString(), StringComparison.Ordinal);

        CapturedRun watch = machine.Run("sensors", "--watch", "--device", "jetson-orin-nano");
        Assert.Equal(ExitCode.DeviceUnavailable, watch.Code);
        CapturedRun nothing = machine.Run("sensors", "--watch", "--for", "1s");
        Assert.Equal(ExitCode.DeviceUnavailable, nothing.Code);
        Assert.Contains("names no power sensor", nothing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_is_a_trace_that_can_be_replayed() => Patience.Try(longer =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is an interface of Linux");
        using var machine = new FakeMachine();
        machine.Hwmon("ina226", "power1_input", "2500000");
        string file = machine.File("trace.csv");

        CapturedRun run = machine.Run("sensors", "--record", file, "--for", $"{400 * longer}ms", "--json");

        Assert.Equal(ExitCode.Ok, run.Code);
        JsonRail(run, out double mean, out long readings);
        Assert.Equal(2.5, mean, 9);
        PowerTrace trace = TraceReader.Read(file);
        Assert.Equal("complete", trace.Facts["end"]);
        Assert.Equal(readings, trace.Samples.Count(s => s.IsFresh));
    });

    [Fact]
    public void Stopping_a_watch_is_a_good_end() => Patience.Try(longer =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is an interface of Linux");
        using var machine = new FakeMachine();
        machine.Hwmon("ina226", "power1_input", "2500000");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300 * longer));
        CapturedRun run = machine.Run(stop.Token, "sensors", "--watch", "--record", machine.File("t.csv"));
        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Contains("2.50 W", run.Out, StringComparison.Ordinal);
        Assert.Equal("complete", TraceReader.Read(machine.File("t.csv")).Facts["end"]);
    });

    [Fact]
    public void A_full_disk_is_told()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is an interface of Linux");
        using var machine = new FakeMachine();
        machine.Hwmon("ina226", "power1_input", "2500000");
        CapturedRun run = machine.Run("sensors", "--record", "/dev/full", "--for", "10s");
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("cannot write /dev/full: No space left on device", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sensor_that_fails_while_it_is_watched_ends_with_4_and_a_valid_trace() => Patience.Try(longer =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is an interface of Linux");
        using var machine = new FakeMachine();
        string power = machine.Hwmon("ina226", "power1_input", "2500000");
        using var later = new Timer(_ => Overwrite(power), null, 500 * longer, Timeout.Infinite);
        CapturedRun run = machine.Run("sensors", "--record", machine.File("t.csv"), "--for", "30s");
        Assert.Equal(ExitCode.DeviceUnavailable, run.Code);
        Assert.Contains("does not hold one whole number", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("stopped: ", TraceReader.Read(machine.File("t.csv")).Facts["end"], StringComparison.Ordinal);
    });

    [Fact]
    public void A_check_measures_the_board_at_rest() => Patience.Try(longer =>
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is an interface of Linux");
        using var machine = new FakeMachine();
        machine.Hwmon("ina226", "power1_input", "2500000");
        CapturedRun run = machine.Run("sensors", "--check", "--for", $"{longer}s", "--json");
        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Equal(2.5, run.Document.GetProperty("noise").GetProperty("mean_w").GetDouble(), 6);
    });

    [Theory]
    [InlineData("--for", "10s")]
    [InlineData("--watch", "--for", "soon")]
    [InlineData("--watch", "--for", "0")]
    [InlineData("--watch", "--check")]
    public void Options_that_make_no_sense_are_usage_errors(params string[] args) =>
        Assert.Equal(ExitCode.Usage, CapturedRun.Of(["sensors", .. args]).Code);

    // In place: a file that is emptied first would for an instant be another fault.
    private static void Overwrite(string path)
    {
        using FileStream file = File.OpenWrite(path);
        file.Write("garbage\n"u8);
    }

    private static void JsonRail(CapturedRun run, out double mean, out long readings)
    {
        var rail = run.Document.GetProperty("rails")[0];
        mean = rail.GetProperty("mean_w").GetDouble();
        readings = rail.GetProperty("readings").GetInt64();
    }

    /// <summary>Two rails; what they carry the test says itself.</summary>
    private sealed class BenchSource : IPowerSource
    {
        public string Name => "bench";

        public Provenance Provenance { get; } = Provenance.Simulated("bench");

        public IReadOnlyList<PowerRail> Rails { get; } = [new("VDD_IN", RailRole.Total), new("VDD_SOC", RailRole.Detail)];

        public PowerTraits Traits { get; } = new(default, default, default, default, PowerReadout.Samples);

        public void Start()
        {
        }

        public bool TryTake(out PowerSample sample)
        {
            sample = default;
            return false;
        }

        public PowerWindow Stop() => new(default, [default, default], [], Provenance, null);

        public void Dispose()
        {
        }
    }
}
