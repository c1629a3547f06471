using EdgePrune.Onnx;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;
using static EdgePrune.Profiler.Tests.Costs.SyntheticTimer;

namespace EdgePrune.Profiler.Tests.Costs;

public sealed class SweepTests
{
    // Output channels padded to 16; input channels in steps of 16 when they are multiples of 4, and half as fast when not: what ONNX
    // Runtime's blocked convolutions do on AVX-512.
    private static double Blocked(IReadOnlyList<int> w) =>
        5 + (w[0] % 4 == 0 ? 0.01 * Up(w[0], 16) * Up(w[1], 16) : 0.02 * w[0] * w[1]);

    private static double Smooth(IReadOnlyList<int> w) => 3 + (0.02 * w[0] * w[1]);

    private static double Stairs(IReadOnlyList<int> w) => 2 + (0.5 * Up(w[0], 8));

    private static double Wide(IReadOnlyList<int> w) => 4 + (0.1 * w.Sum());

    public static TheoryData<string, int[], double> Shapes() => new()
    {
        { nameof(Blocked), [64, 64], 0.01 },
        { nameof(Blocked), [128, 96], 0.01 },
        { nameof(Smooth), [64, 48], 0.01 },
        { nameof(Smooth), [3, 16], 0.01 },
        { nameof(Stairs), [96], 0.01 },
        { nameof(Stairs), [100], 0.01 },
        { nameof(Stairs), [5], 0.01 },
        { nameof(Wide), [32, 32, 32, 32, 32], 0.1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_known_cost_is_predicted_everywhere(string shape, int[] full, double tolerance)
    {
        Func<IReadOnlyList<int>, double> truth = Truth(shape);
        CostSurface surface = Sweep(full, new SyntheticTimer(truth));
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            int[] at = [.. full.Select(f => random.Next(1, f + 1))];
            double expected = truth(at) * 1e-6;
            Assert.InRange(surface.At(at).Time, expected * (1 - tolerance), expected * (1 + tolerance));
        }
    }

    [Fact]
    public void The_staircase_is_found_and_not_assumed()
    {
        CostSurface blocked = Sweep([64, 64], new SyntheticTimer(Blocked, noise: 0.01));
        Assert.Equal(4, blocked.Steps[0].Alignment);
        Assert.Equal((16, 1), (blocked.Steps[0].Step, blocked.Steps[0].UnalignedStep));
        Assert.Equal((1, 16), (blocked.Steps[1].Alignment, blocked.Steps[1].Step));
        CostSurface smooth = Sweep([64, 64], new SyntheticTimer(Smooth, noise: 0.01));
        Assert.All(smooth.Steps, s => Assert.Equal((1, 1), (s.Alignment, s.Step)));
    }

    [Fact]
    public void What_is_too_short_to_be_seen_has_no_error_that_is_no_number()
    {
        CostSurface surface = Sweep([48], new SyntheticTimer(w => w[0] > 40 ? 1 : 0));
        Assert.True(surface.Error is null || (double.IsFinite(surface.Error.Median) && double.IsFinite(surface.Error.Worst)), $"{surface.Error}");
        CostSurface nothing = Sweep([48], new SyntheticTimer(_ => 0));
        Assert.Null(nothing.Error);
    }

    // The three ways of ONNX Runtime's convolutions on x64: narrow inputs are read plain, multiples of 4 blocked, others unfolded and
    // multiplied; only the last does not pad its outputs.
    private static double Convolution(int[] w) =>
        w[0] < 16 ? 3 + (0.012 * w[0] * Up(w[1], 16))
        : w[0] % 4 == 0 ? 2 + (0.01 * Up(w[0], 16) * Up(w[1], 16))
        : 20 + (0.02 * w[0] * w[1]);

    private static BlockPath Way(int[] w) =>
        w[0] < 16 ? new("narrow", $"narrow {w[0]} {Up(w[1], 16)}")
        : w[0] % 4 == 0 ? new("blocked", $"blocked {Up(w[0], 16)} {Up(w[1], 16)}")
        : new("unfolded", $"unfolded {w[0]} {w[1]}");

    [Theory]
    [InlineData(16, 16)]
    [InlineData(64, 32)]
    [InlineData(200, 100)]
    public void Paths_that_the_runtime_tells_are_predicted_each_by_its_own(int inputs, int outputs)
    {
        CostSurface surface = Sweep([inputs, outputs], new SyntheticTimer(w => Convolution([.. w]), path: w => Way([.. w])));
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            int[] at = [random.Next(1, inputs + 1), random.Next(1, outputs + 1)];
            Assert.Equal(1, surface.At(at).Time * 1e6 / Convolution(at), 0.01);
        }
    }

    [Fact]
    public void Stale_points_are_dropped_and_others_stay()
    {
        using CostStore store = CostStore.Open(null);
        long context = store.Context("test").Id;
        CostLayer[] layers = [Layer("a", [8]), Layer("b", [8])];
        foreach (CostLayer layer in layers)
        {
            for (int w = 1; w <= 8; w++)
            {
                var then = new SyntheticTimer(Rising);
                store.Add(context, layer.Block.Key, [w], then.Measure(layer.Block, [w], false, TestContext.Current.CancellationToken));
            }
        }

        Assert.Null(StaleCheck.Run(layers, new SyntheticTimer(Rising), store, context, TestContext.Current.CancellationToken));
        Assert.Equal(16, store.Points(context).Count);
        Assert.Contains("anew", StaleCheck.Run(layers, new SyntheticTimer(w => 1.5 * Rising(w)), store, context, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(store.Points(context));

        static double Rising(IReadOnlyList<int> w) => 3 + w[0];
    }

    [Fact]
    public void The_error_that_the_table_states_is_near_the_true_one()
    {
        // A cost with a bend that no candidate step explains.
        static double Bent(IReadOnlyList<int> w) => 10 + (w[0] > 37 ? 0.5 * w[0] : 0.1 * w[0]);
        CostSurface surface = Sweep([80], new SyntheticTimer(Bent));
        double[] errors = [.. Enumerable.Range(1, 80).Select(w => Math.Abs((surface.At([w]).Time * 1e6 / Bent([w])) - 1)).Order()];
        Assert.NotNull(surface.Error);
        Assert.InRange(surface.Error.Median, 0, errors[^1]);
        Assert.InRange(surface.Error.Worst, 0, errors[^1] + 1e-9);
        Assert.True(errors[40] < 0.05, $"median error {errors[40]}");
    }

    [Fact]
    public void Work_is_interpolated_exactly()
    {
        CostSurface surface = Sweep([64, 64], new SyntheticTimer(Blocked));
        foreach (int[] at in (int[][])[[64, 64], [17, 33], [4, 5], [1, 1], [63, 2]])
        {
            Assert.Equal(1000.0 * at[0] * at[1], surface.At(at).Macs, 1e-6 * 1000 * 64 * 64);
        }
    }

    [Fact]
    public void Widths_outside_the_block_are_refused()
    {
        CostSurface surface = Sweep([8, 8], new SyntheticTimer(Smooth));
        Assert.Throws<ArgumentOutOfRangeException>(() => surface.At([9, 8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => surface.At([0, 8]));
        Assert.Throws<ArgumentException>(() => surface.At([8]));
    }

    [Fact]
    public void A_cancelled_sweep_resumes_from_the_store_and_ends_the_same()
    {
        using var folder = new TempFolder();
        using var cancel = new CancellationTokenSource();
        string path = folder.File("costs.db");
        int allowed = 20;
        var first = new SyntheticTimer(w =>
        {
            if (--allowed == 0)
            {
                cancel.Cancel();
            }

            return Blocked(w);
        });
        Assert.Throws<OperationCanceledException>(() => Sweep([64, 64], first, path, cancel));
        var second = new SyntheticTimer(Blocked);
        CostSurface resumed = Sweep([64, 64], second, path);
        var third = new SyntheticTimer(Blocked);
        CostSurface whole = Sweep([64, 64], third);
        Assert.Equal(third.Calls, first.Calls + second.Calls);
        Assert.Equal(whole.At([37, 41]), resumed.At([37, 41]));
        var none = new SyntheticTimer(Blocked);
        Sweep([64, 64], none, path);
        Assert.Equal(0, none.Calls);
    }

    [Fact]
    public void Without_time_each_point_is_read_once_and_read_better_when_there_is_time()
    {
        using var folder = new TempFolder();
        string path = folder.File("costs.db");
        var none = new SyntheticTimer(Blocked);
        Sweep([64, 64], none, path, seconds: 0);
        Assert.True(none.Calls > 0);
        Assert.Equal(none.Calls, none.Hurried);

        var again = new SyntheticTimer(Blocked);
        Sweep([64, 64], again, path, seconds: 0);
        Assert.Equal(0, again.Calls);

        var enough = new SyntheticTimer(Blocked);
        CostSurface better = Sweep([64, 64], enough, path);
        var alone = new SyntheticTimer(Blocked);
        CostSurface fresh = Sweep([64, 64], alone);
        Assert.Equal(0, enough.Hurried);
        Assert.Equal(alone.Calls, enough.Calls);
        Assert.Equal(fresh.At([37, 41]), better.At([37, 41]));
    }

    [Fact]
    public void A_block_that_cannot_run_is_a_problem_and_no_end()
    {
        var timer = new SyntheticTimer(w => w[0] == 7 ? throw new InputException("no such kernel") : 1);
        (Dictionary<string, CostSurface> surfaces, Dictionary<string, string> problems) = SweepAll([Layer("bad", [8]), Layer("good", [3])], timer, null, null);
        Assert.Equal("no such kernel", problems["bad"]);
        Assert.Equal("good", Assert.Single(surfaces).Key);
    }

    private static Func<IReadOnlyList<int>, double> Truth(string name) => name switch
    {
        nameof(Blocked) => Blocked,
        nameof(Smooth) => Smooth,
        nameof(Stairs) => Stairs,
        _ => Wide,
    };

    private static CostSurface Sweep(int[] full, IBlockTimer timer, string? store = null, CancellationTokenSource? cancel = null, double seconds = 60) =>
        SweepAll([Layer("block", full)], timer, store, cancel, seconds).Surfaces["block"];

    private static (Dictionary<string, CostSurface> Surfaces, Dictionary<string, string> Problems) SweepAll(
        CostLayer[] layers, IBlockTimer timer, string? path, CancellationTokenSource? cancel, double seconds = 60)
    {
        var options = new SweepOptions { Device = Device.Load("host"), Tolerance = 0.01, Negligible = new Seconds(0), Budget = new Seconds(seconds) };
        using CostStore store = CostStore.Open(path);
        return CostSweep.Sweep(layers, timer, store, store.Context("test").Id, options, null, cancel?.Token ?? TestContext.Current.CancellationToken);
    }

    private static CostLayer Layer(string name, int[] full)
    {
        OnnxModel model = TinyGraph.Residual();
        var layer = new Layer { Index = 0, Name = name, Op = "Conv", Output = "y", Node = model.Graph.Node[0], SourceNodes = [] };
        return new CostLayer(layer, new CostBlock(name, model, full, []));
    }
}
