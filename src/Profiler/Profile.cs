using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler;

/// <summary>
/// Takes a profile of a model on this machine: what the runtime executes, what each layer of it costs in a loop of its own, what
/// the whole costs, and the difference.
/// </summary>
public static class Profile
{
    private const int MinRounds = 9;
    private const int MaxRounds = 15;
    private const double ShortestSlice = 1e-3;
    private const double LongestSlice = 50e-3;
    private const int NetworkShare = 8;

    /// <exception cref="InputException">The model cannot be run.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was signalled.</exception>
    public static ProfileReport Run(
        OnnxModel model, ProfileOptions options, IProgress<ProfileProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        progress?.Report(new ProfileProgress("probing shapes", 0));
        Conditions before = Conditions.Read();
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model, options.Inputs, options.Shapes);
        ModelStatistics statistics = ModelStatistics.Of(model, shapes);
        using NamedValues? made = options.Inputs is null ? ProbedInputs.Make(model, shapes, options.Seed) : null;
        IReadOnlyDictionary<string, OrtValue> inputs = options.Inputs ?? made!;

        using ExecutedValues executed = ExecutedValues.Of(model, statistics, inputs, options.Session);
        ExecutedGraph graph = executed.Graph;
        progress?.Report(new ProfileProgress("preparing layers", 0.05));
        using var network = new TimedLoop(
            ModelSession.Create(model, options.Session), inputs, model.Path ?? "the model", options.Clock);
        long weights = graph.Layers.Sum(l => l.WeightBytes);
        using var empties = new EmptyLoops(graph.Optimized, options.Session, options.Clock);
        using var bench = new LayerBench(
            graph.Optimized, graph.Layers, executed.Values, executed.Table, weights, options.Session, empties, options.Clock, cancel);
        Rounds rounds = MeasureMarked(network, bench, graph.Layers.Count, options, progress, cancel);
        Conditions after = Conditions.Read();
        return Report(options, statistics, executed, bench, rounds, before, after);
    }

    private sealed record Rounds(List<double[]> Layers, List<double[]> Network, List<double> Overhead);

    private static Rounds MeasureMarked(
        TimedLoop network, LayerBench bench, int layers, ProfileOptions options, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        options.Marker.Begin();
        try
        {
            return Measure(network, bench, layers, options, progress, cancel);
        }
        finally
        {
            options.Marker.End();
        }
    }

    private static Rounds Measure(
        TimedLoop network, LayerBench bench, int layers, ProfileOptions options, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        network.Runs(0, 10);
        var rounds = new Rounds([], [], []);
        var random = new Random(options.Seed);
        double slice = Math.Clamp(options.Budget.Value / (MinRounds * (layers + NetworkShare)), ShortestSlice, LongestSlice);
        long start = options.Clock.GetTimestamp();
        while (rounds.Layers.Count < MinRounds
            || (rounds.Layers.Count < MaxRounds && options.Clock.GetElapsedTime(start).TotalSeconds < options.Budget.Value))
        {
            // The network's runs are spread among the layers', so that a change of the machine's speed meets both alike.
            var whole = new List<double>();
            rounds.Layers.Add(bench.Round(slice, random, cancel, () => whole.AddRange(network.Runs(slice)), NetworkShare));
            rounds.Network.Add([.. whole]);
            rounds.Overhead.Add(bench.RunOverhead);
            progress?.Report(new ProfileProgress("timing layers", Math.Min(0.99, 0.1 + (0.9 * rounds.Layers.Count / MinRounds))));
        }

        return rounds;
    }

    private static ProfileReport Report(
        ProfileOptions options, ModelStatistics statistics, ExecutedValues executed, LayerBench bench, Rounds rounds, Conditions before, Conditions after)
    {
        var energy = new EnergyModel(options.Device);
        int cores = Math.Max(1, options.Session.Threads);
        ExecutedGraph graph = executed.Graph;
        Interval[] times =
            [.. graph.Layers.Select(l => bench.Problems.ContainsKey(l.Index) ? default : Order.MedianInterval([.. rounds.Layers.Select(r => r[l.Index])]))];
        double sum = times.Sum(t => t.Median);
        LayerProfile[] layers =
        [
            .. graph.Layers.Select(l => new LayerProfile(
                l, times[l.Index], energy.Of(times[l.Index], new Workload(default, cores, l.Macs, l.BytesMoved)), times[l.Index].Median / sum)),
        ];
        Latency latency = Latency.Of(rounds.Network);
        long bytes = graph.Layers.Sum(l => l.BytesMoved);
        EnergyFigure total = energy.Of(latency.Median, new Workload(default, cores, statistics.Macs, bytes));
        Closure closure = Close(rounds, energy, cores, statistics.Macs, bytes);
        return new ProfileReport
        {
            Device = options.Device.Name,
            EnergyProvenance = energy.Provenance,
            Runtime = RuntimeName.Of(options.Session),
            Latency = latency,
            Energy = total,
            Statistics = statistics,
            PeakActivationBytes = executed.PeakActivationBytes,
            Layers = layers,
            Folded = graph.Folded,
            Closure = closure,
            Before = before,
            After = after,
            Warnings = ProfileWarnings.Of(graph, bench.Problems, closure, rounds.Network, before, after),
        };
    }

    private static Closure Close(Rounds rounds, EnergyModel energy, int cores, long macs, long bytes)
    {
        double[] sums = [.. rounds.Layers.Select(r => r.Where(double.IsFinite).Sum())];
        double[] networks = [.. rounds.Network.Select(r => Order.Median(r))];
        double[] whole = [.. sums.Zip(rounds.Overhead, (s, o) => s + o)];
        double Joules(double seconds) => energy.Total(new Workload(new Units.Seconds(seconds), cores, macs, bytes)).Value;
        return new Closure(
            Order.MedianInterval(sums),
            Order.MedianInterval([.. rounds.Overhead]),
            Order.MedianInterval([.. whole.Zip(networks, (w, n) => (w - n) / n)]),
            Order.MedianInterval([.. whole.Zip(networks, (w, n) => (Joules(w) - Joules(n)) / Joules(n))]));
    }
}
