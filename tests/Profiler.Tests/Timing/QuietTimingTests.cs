using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Timing;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Timing;

public sealed class QuietTimingTests
{
    [Fact]
    public void Disturbed_runs_do_not_count_where_there_are_others()
    {
        MachineSpeed speed = Speed(10, 14);
        PacedReading reading = speed.Read([new PacedRun(100, 10), new PacedRun(150, 14), new PacedRun(102, 10.2), new PacedRun(170, 15)]);
        Assert.True(reading.IsQuiet);
        Assert.Equal(101, reading.Seconds);
    }

    [Fact]
    public void A_reading_without_undisturbed_runs_is_scaled_and_says_so()
    {
        PacedReading reading = Speed(10, 14).Read([new PacedRun(140, 14), new PacedRun(141, 14), new PacedRun(139, 14)]);
        Assert.False(reading.IsQuiet);
        Assert.InRange(reading.Seconds, 100, 139);
    }

    [Fact]
    public void Readings_taken_before_the_best_speed_was_seen_are_judged_by_it()
    {
        var speed = new MachineSpeed();
        for (int i = 0; i < 100; i++)
        {
            speed.Add(14);
        }

        PacedRun[] early = [new PacedRun(140, 14)];
        Assert.True(speed.Read(early).IsQuiet);
        for (int i = 0; i < 20; i++)
        {
            speed.Add(10);
        }

        Assert.False(speed.Read(early).IsQuiet);
    }

    [Fact]
    public void A_single_fast_probe_does_not_move_the_level()
    {
        MachineSpeed speed = Speed(10, 10);
        speed.Add(1);
        Assert.Equal(10, speed.Best);
    }

    [Fact]
    public void A_runner_knows_the_best_speed_that_those_before_it_have_seen()
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < 6; i++)
        {
            using var runner = new QuietRunner(SessionSettings.Default, TimeProvider.System);
            Assert.True(runner.Speed.Best <= best); // tests beside this one may have seen a better one
            best = runner.Speed.Best;
        }
    }

    [Fact]
    public void An_interval_holds_what_differs_between_sittings()
    {
        PacedReading[] readings = [.. Enumerable.Range(0, 12).Select(i => new PacedReading(i / 2 == 5 ? 120 : 100 + (i % 2), true))];
        var rounds = new RoundReadings(readings, [.. Enumerable.Range(0, 12).Select(i => i / 2)]);
        Assert.InRange(rounds.Interval.Median, 100, 101);
        Assert.Equal(120, rounds.Interval.High);
    }

    [Fact]
    public void Disturbed_rounds_give_way_to_undisturbed_ones()
    {
        PacedReading[] readings = [.. Enumerable.Range(0, 9).Select(i => i < 5 ? new PacedReading(100, true) : new PacedReading(180, false))];
        var rounds = new RoundReadings(readings, new int[9]);
        Assert.Equal((100, 100), (rounds.Interval.Low, rounds.Interval.High));
        Assert.Equal(100, rounds[8]);
        Assert.True(rounds.IsQuiet);
    }

    [Fact]
    public void Weights_that_fit_the_second_cache_need_only_leave_the_first()
    {
        using var folder = new TempFolder();
        foreach ((string index, string level, string type, string size) in (ValueTuple<string, string, string, string>[])
            [("index0", "1", "Data", "48K"), ("index1", "1", "Instruction", "32K"), ("index2", "2", "Unified", "2M"), ("index3", "3", "Unified", "105M")])
        {
            string at = Directory.CreateDirectory(folder.File(index)).FullName;
            File.WriteAllText(Path.Combine(at, "level"), level + "\n");
            File.WriteAllText(Path.Combine(at, "type"), type + "\n");
            File.WriteAllText(Path.Combine(at, "size"), size + "\n");
        }

        CacheSizes sizes = CacheSizes.Read(folder.Path);
        Assert.Equal((48L << 10, 2L << 20), (sizes.Nearest, sizes.Private));
        Layer[] small = [Weighing(1 << 20)];
        Layer[] large = [Weighing(8 << 20)];
        Assert.Equal(96L << 10, sizes.Rotation(small, 0));
        Assert.Equal(8L << 20, sizes.Rotation(large, 1000));
        Assert.Equal(1L << 20, CacheSizes.Read(folder.File("missing")).Rotation(small, 0));
    }

    [Fact]
    public void A_bound_thread_gets_its_cores_back()
    {
        int before = Environment.ProcessorCount;
        using (PinnedThread outer = PinnedThread.Bind())
        {
            using var inner = PinnedThread.Bind();
            Assert.True(inner.Cores.Count <= 1 || outer.Cores.Count == 0);
        }

        using var after = PinnedThread.Bind();
        Assert.True(after.Cores.Count == 0 || after.Cores.Count <= before);
    }

    [Fact]
    public void A_layer_is_timed_through_its_source_nodes_where_it_must_be()
    {
        OnnxModel model = TinyGraph.Residual();
        var statistics = ModelStatistics.Of(model, ShapeProbe.Run(model));
        using NamedValues inputs = ProbedInputs.Make(model);
        using ExecutedValues executed = ExecutedValues.Of(model, statistics, inputs, SessionSettings.Default);
        using var runner = new QuietRunner(SessionSettings.Default, TimeProvider.System);
        using var empties = new EmptyLoops(executed.Graph.Optimized, SessionSettings.Default, runner, TimeProvider.System);
        var sources = new SourceLoops(executed, SessionSettings.Default, empties, TimeProvider.System);
        foreach (Layer layer in executed.Graph.Layers.Where(l => l.SourceNodes.Count > 0))
        {
            Assert.True(sources.TryCreate(layer, out LayerLoop? loop));
            using (loop)
            {
                IReadOnlyList<PacedRun> runs = runner.Take(loop.Once, 3, 0, TestContext.Current.CancellationToken);
                // Without patience a disturbed machine gives what it has.
                Assert.InRange(runs.Count, 1, 3);
                Assert.True(loop.Alone(runs.Max(r => r.Seconds)) >= 0);
            }
        }

        foreach (Layer layer in executed.Graph.Layers.Where(l => l.SourceNodes.Count == 0))
        {
            Assert.False(sources.TryCreate(layer, out _));
        }
    }

    private static MachineSpeed Speed(double best, double other)
    {
        var speed = new MachineSpeed();
        for (int i = 0; i < 20; i++)
        {
            speed.Add(best);
            speed.Add(other);
        }

        return speed;
    }

    private static Layer Weighing(long bytes) => new()
    {
        Index = 0,
        Name = "layer",
        Op = "Conv",
        Output = "y",
        Node = new EdgePrune.Onnx.Proto.NodeProto(),
        SourceNodes = [],
        WeightBytes = bytes,
    };
}
