using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Hwmon;
using EdgePrune.Profiler.Sensors.Replay;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.Profiler.Tests.Sensors.Hwmon;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Replay;

public sealed class ReplayTests
{
    private const string Good = "time_s,VDD_IN_W,SOC_W,fresh\n0,1,0.5,1\n0.1,2,0.5,1\n0.2,3,,1\n0.3,3,0.5,0\n";
    private static readonly ReplayFamily Family = new();
    private static readonly RailEntry[] Any = [new("board", null, null, null, RailRole.Part)];

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void What_was_recorded_plays_as_it_was()
    {
        using var folder = new TempFolder();
        var time = new BenchTime();
        using var chip = HwmonTests.OrinNano(folder.Path, time, new BenchLine(time, 5, 2, 0.7, 3), 0);
        PowerSourceContext context = time.Context(folder.Path) with { SimulatedBoard = "bench" };
        using IPowerSource original = new HwmonFamily().Open(new HwmonFamily().Discover(context).Single().Entry, context);
        PowerWindow recorded = HwmonTests.Window(time, original, 2, chip);
        using (var writer = new TraceWriter(folder.File("trace.csv"), original, "bench", 151.5))
        {
            foreach (PowerSample sample in recorded.Samples)
            {
                writer.Add(sample);
            }

            writer.Complete("complete");
        }

        PowerTrace trace = TraceReader.Read(folder.File("trace.csv"));
        Assert.Equal("complete", trace.Facts["end"]);
        Assert.Equal(original.Rails, trace.Rails);
        Assert.Equal(recorded.Samples.Count, trace.Samples.Count);

        using IPowerSource replay = Family.Open(Entry(folder.File("trace.csv")), time.Context(folder.Path));
        Assert.Equal(ProvenanceKind.Simulated, replay.Provenance.Kind);
        replay.Start();
        time.Advance(1);
        PowerWindow first = replay.Stop();
        time.Advance(0.5); // it goes on between windows
        replay.Start();
        time.Advance(0.4);
        PowerWindow second = replay.Stop();
        Assert.Null(first.Invalid);
        Assert.Null(second.Invalid);
        double Truth(double from, double to) =>
            EdgePrune.Profiler.Sensors.Sampling.SampleIntegral.Energy([.. recorded.Samples], 0, trace.Begin + new Seconds(from), trace.Begin + new Seconds(to)).Value;
        Assert.Equal(Truth(0, 1), first.Energy[0].Value, 0.01 * Truth(0, 1));
        Assert.Equal(Truth(1.5, 1.9), second.Energy[0].Value, 0.02 * Truth(1.5, 1.9));
    }

    [Fact]
    public void An_excerpt_is_the_same_in_every_window()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("t.csv"), "time_s,BOARD_W\n0,1\n1,1\n2,3\n3,3\n4,3\n");
        PowerSourceEntry entry = Entry(folder.File("t.csv")) with { FromSeconds = 0.5, ToSeconds = 3 };
        using IPowerSource source = Family.Open(entry, new BenchTime().Context(folder.Path));
        for (int i = 0; i < 2; i++)
        {
            source.Start();
            PowerWindow window = source.Stop();
            Assert.Null(window.Invalid);
            Assert.Equal(2.5, window.Duration.Value, 12);
            Assert.Equal(0.5 + 2 + 3, window.Energy[0].Value, 12);
        }

        Assert.Contains("not inside", Assert.Throws<SensorException>(() => Family.Open(entry with { ToSeconds = 9 }, new BenchTime().Context("/"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_beyond_the_end_of_the_trace_is_invalid()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("t.csv"), "time_s,BOARD_W\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"{i / 10.0},1\n")));
        var time = new BenchTime();
        using IPowerSource source = Family.Open(Entry(folder.File("t.csv")), time.Context(folder.Path));
        source.Start();
        time.Advance(3);
        Assert.Contains("the trace ended after 1.9 s", source.Stop().Invalid, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "0 bytes")]
    [InlineData("# only comments\n", "no header")]
    [InlineData("0,1,1\n", ":1: the header must be")]
    [InlineData("time_s,fresh\n0,1\n", ":1: the header must be")]
    [InlineData("time_s,VDD_IN\n0,1\n", ":1: column 'VDD_IN' must end in '_W'")]
    [InlineData("time_s,A_W,A_W\n0,1,1\n", ":1: two columns")]
    [InlineData("time_s,A_W\n0,1\n", "there must be two at least")]
    [InlineData("time_s,A_W\n0,1\n1,NaN\n", ":3: A must be a number")]
    [InlineData("time_s,A_W\n0,1\n1,Infinity\n", ":3: A must be a number")]
    [InlineData("time_s,A_W\n0,1\n1,1e300\n", ":3: A must be a number")]
    [InlineData("time_s,A_W\n0,1\n-1,1\n", ":3: time -1 s of A lies before 0 s")]
    [InlineData("time_s,A_W\n0,1\nNaN,1\n", ":3: time must be a number")]
    [InlineData("time_s,A_W\n0,1\n1,1,1\n", ":3: 2 cells were expected")]
    [InlineData("time_s,A_W,fresh\n0,1,1\n1,1,yes\n", ":3: the last cell")]
    [InlineData("# a\n# b\ntime_s,A_W\n0,x\n", ":4: A must be a number")]
    public void A_hostile_trace_is_an_error_with_its_line(string text, string message)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("t.csv"), text);
        Assert.Contains(message, Assert.Throws<InputException>(() => TraceReader.Read(folder.File("t.csv"))).Message, StringComparison.Ordinal);
        // As a source it is a sensor that cannot be used.
        Assert.Contains(message, Assert.Throws<SensorException>(() => Family.Open(Entry(folder.File("t.csv")), new BenchTime().Context("/"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_megabyte_and_too_many_columns_are_refused()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a.csv"), "time_s,A_W\n" + new string('1', 1 << 20));
        File.WriteAllText(folder.File("b.csv"), "time_s," + string.Join(',', Enumerable.Range(0, 65).Select(i => $"R{i}_W")) + "\n");
        Assert.Contains("a.csv:2: a line has at most", Assert.Throws<InputException>(() => TraceReader.Read(folder.File("a.csv"))).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 64 columns", Assert.Throws<InputException>(() => TraceReader.Read(folder.File("b.csv"))).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Throws<InputException>(() => TraceReader.Read(folder.File("none.csv"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_was_cut_in_the_middle_is_left_out()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("t.csv"), Good + "0.4,99");
        Assert.Equal(0.3, TraceReader.Read(folder.File("t.csv")).End.Value, 12);
    }

    [Fact]
    public void Empty_cells_and_repeated_readings_survive()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("t.csv"), "# rails: VDD_IN=total, SOC=detail\r\n" + Good.ReplaceLineEndings("\r\n"));
        PowerTrace trace = TraceReader.Read(folder.File("t.csv"));
        Assert.Equal([RailRole.Total, RailRole.Detail], trace.Rails.Select(r => r.Role));
        Assert.Equal(7, trace.Samples.Count);
        Assert.Equal(2, trace.Samples.Count(s => !s.IsFresh));
        Assert.Equal(0.1, trace.Period.Value, 12);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_full_disk_is_a_clear_error()
    {
        using var source = new ExcerptPowerSource("x", Provenance.Measured("x"), [new("A", RailRole.Total)], new(default, default, default, default, PowerReadout.Samples), [], default, new Seconds(1));
        string message = Assert.Throws<InputException>(() => new TraceWriter("/dev/full", source, "d", 1)).Message;
        Assert.Contains("cannot write /dev/full: No space left on device", message, StringComparison.Ordinal);
    }

    private static PowerSourceEntry Entry(string path) => new("replay", null, null, Any) { Path = path };
}
