using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Times a network and each of its layers in rounds: every round reads every layer once, in random order, with runs of the whole
/// network spread among them, so that a change of the machine's speed meets both alike.
/// </summary>
internal static class LayerTiming
{
    private const int MinRounds = 9;
    private const int MaxRounds = 15;
    private const double ShortestSlice = 1e-3;
    private const double LongestSlice = 50e-3;
    private const int NetworkShare = 8;

    /// <param name="executed">The network as the runtime executes it, with its values.</param>
    /// <param name="inputs">Inputs of the network; they must outlive the call.</param>
    /// <param name="options">Threads and provider, time to spend, seed, clock, marker.</param>
    /// <exception cref="InputException">The network cannot be run.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was signalled.</exception>
    public static LayerTimings Run(
        ExecutedValues executed,
        IReadOnlyDictionary<string, OrtValue> inputs,
        ProfileOptions options,
        IProgress<ProfileProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ExecutedGraph graph = executed.Graph;
        using var network = new TimedLoop(
            ModelSession.Create(graph.Source, options.Session), inputs, graph.Source.Path ?? "the model", options.Clock);
        long weights = graph.Layers.Sum(l => l.WeightBytes);
        using var empties = new EmptyLoops(graph.Optimized, options.Session, options.Clock);
        using var bench = new LayerBench(
            graph.Optimized, graph.Layers, executed.Values, executed.Table, weights, options.Session, empties, options.Clock, cancel);
        options.Marker.Begin();
        try
        {
            return Measure(network, bench, graph.Layers.Count, options, progress, cancel);
        }
        finally
        {
            options.Marker.End();
        }
    }

    private static LayerTimings Measure(
        TimedLoop network, LayerBench bench, int layers, ProfileOptions options, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        network.Runs(0, 10);
        var rounds = new List<double[]>();
        var wholes = new List<double[]>();
        var overheads = new List<double>();
        var random = new Random(options.Seed);
        double slice = Math.Clamp(options.Budget.Value / (MinRounds * (layers + NetworkShare)), ShortestSlice, LongestSlice);
        long start = options.Clock.GetTimestamp();
        while (rounds.Count < MinRounds
            || (rounds.Count < MaxRounds && options.Clock.GetElapsedTime(start).TotalSeconds < options.Budget.Value))
        {
            var whole = new List<double>();
            rounds.Add(bench.Round(slice, random, cancel, () => whole.AddRange(network.Runs(slice)), NetworkShare));
            wholes.Add([.. whole]);
            overheads.Add(bench.RunOverhead);
            progress?.Report(new ProfileProgress("timing layers", Math.Min(0.99, 0.1 + (0.9 * rounds.Count / MinRounds))));
        }

        return new LayerTimings
        {
            Layers = [.. Enumerable.Range(0, layers).Select(l =>
                bench.Problems.ContainsKey(l) ? default : Order.MedianInterval([.. rounds.Select(r => r[l])]))],
            Network = Latency.Of(wholes),
            LayerRounds = rounds,
            NetworkRounds = [.. wholes.Select(w => Order.Median(w))],
            OverheadRounds = overheads,
            Problems = bench.Problems,
            Warnings = [],
            InvalidReasons = [],
        };
    }
}
