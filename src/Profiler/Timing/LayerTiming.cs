using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Layers;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Times a network and each of its layers in rounds: every round reads every layer once, in random order, with runs of the whole
/// network spread among them. After some rounds all sessions are made anew: where a buffer happens to lie changes what a layer
/// costs by some percent for as long as its session lives, and an interval that knows one placement only would be too narrow.
/// </summary>
internal sealed class LayerTiming : IDisposable
{
    private const int Rounds = 12;
    private const int MostSittings = 6;
    private const double ShortestSlice = 0.5e-3;
    private const double LongestSlice = 50e-3;
    private const int NetworkShare = 8;

    // Sessions are made anew for as long as that takes less than this share of the time.
    private const double Preparation = 0.35;

    // A reading may take its share of the patience several times over: the machine's quiet moments are not spread evenly.
    private const double Unevenness = 6;

    // What may be spent beyond the time asked for, in multiples of it, when the machine is seldom undisturbed.
    private const double Waiting = 2;
    private const double MostScaled = 0.2;
    private readonly ExecutedValues executed;
    private readonly IReadOnlyDictionary<string, OrtValue> inputs;
    private readonly ProfileOptions options;
    private readonly QuietRunner runner;
    private readonly EmptyLoops empties;
    private readonly long rotation;

    private LayerTiming(ExecutedValues executed, IReadOnlyDictionary<string, OrtValue> inputs, ProfileOptions options)
    {
        this.executed = executed;
        this.inputs = inputs;
        this.options = options;
        rotation = CacheSizes.Read().Rotation(executed.Graph.Layers, executed.PeakActivationBytes);
        runner = new QuietRunner(options.Session, options.Clock) { Patience = Waiting * options.Budget.Value };
        empties = new EmptyLoops(executed.Graph.Optimized, options.Session, runner, options.Clock);
    }

    private sealed record Round(IReadOnlyList<LayerReading> Layers, IReadOnlyList<PacedRun> Network, double Overhead, int Sitting);

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
        using var timing = new LayerTiming(executed, inputs, options);
        options.Marker.Begin();
        try
        {
            return timing.Measure(progress, cancel);
        }
        finally
        {
            options.Marker.End();
        }
    }

    public void Dispose()
    {
        empties.Dispose();
        runner.Dispose();
    }

    private LayerTimings Measure(IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        var random = new Random(options.Seed);
        var rounds = new List<Round>();
        var problems = new Dictionary<int, string>();
        var substitutes = new Dictionary<int, string>();
        string? governor = Conditions.Read().Governor;
        double prepared = 0;
        for (int sitting = 0; rounds.Count < Rounds; sitting++)
        {
            long start = options.Clock.GetTimestamp();
            using TimedLoop network = Network();
            using var bench = new LayerBench(
                executed, executed.Graph.Layers, rotation, options.Session, empties, runner, options.Clock, cancel);
            problems = bench.Problems;
            substitutes = bench.Substitutes;
            prepared += options.Clock.GetElapsedTime(start).TotalSeconds;
            bool isLast = sitting == MostSittings - 1 || prepared * (sitting + 2) / (sitting + 1) > options.Budget.Value * Preparation;
            int until = isLast ? Rounds : rounds.Count + (Rounds / MostSittings);
            while (rounds.Count < until)
            {
                rounds.Add(One(network, bench, sitting, random, cancel));
                progress?.Report(new ProfileProgress("timing layers", Math.Min(0.99, 0.1 + (0.9 * rounds.Count / Rounds))));
            }
        }

        return Timings(rounds, problems, substitutes, GovernorChange(governor, Conditions.Read().Governor));
    }

    private Round One(TimedLoop network, LayerBench bench, int sitting, Random random, CancellationToken cancel)
    {
        int readings = executed.Graph.Layers.Count + NetworkShare;
        double slice = Math.Clamp(options.Budget.Value / (Rounds * readings), ShortestSlice, LongestSlice);
        double patience = options.Budget.Value * Unevenness / (Rounds * readings);
        var whole = new List<PacedRun>();
        network.Once();
        int runs = RunCount.For(slice, network.Once());
        IReadOnlyList<LayerReading> layers = bench.Round(
            slice, patience, random, cancel, () => whole.AddRange(runner.Take(network.Once, runs, patience, cancel)), NetworkShare);
        return new Round(layers, whole, bench.RunOverhead, sitting);
    }

    private TimedLoop Network()
    {
        OnnxModel model = executed.Graph.Source;
        var loop = new TimedLoop(ModelSession.Create(model, options.Session), inputs, model.Path ?? "the model", options.Clock);
        loop.Runs(0, 10);
        return loop;
    }

    private LayerTimings Timings(List<Round> rounds, Dictionary<int, string> problems, Dictionary<int, string> substitutes, string? governorChange)
    {
        int[] sittings = [.. rounds.Select(r => r.Sitting)];
        var network = new RoundReadings([.. rounds.Select(r => runner.Speed.Read(r.Network))], sittings);
        // A long run seldom fits between two disturbances. Layers from quiet moments and a network that never saw one would be of
        // two machines: then all is read as it came, which the rounds spread over layers and network alike.
        bool gated = network.IsQuiet;
        network = gated ? network : new RoundReadings([.. rounds.Select(r => MachineSpeed.ReadAll(r.Network))], sittings);
        RoundReadings[] layers = [.. executed.Graph.Layers.Select((_, l) => new RoundReadings(
            [.. rounds.Select(r => gated ? r.Layers[l].At(runner.Speed) : r.Layers[l].AsItCame())], sittings))];
        return new LayerTimings
        {
            Layers = [.. layers.Select((l, i) => problems.ContainsKey(i) ? default : l.Interval)],
            Network = Latency.Of(network.Interval, [.. rounds.SelectMany(r => r.Network).Select(r => r.Seconds)]),
            LayerRounds = [.. rounds.Select((_, r) => layers.Select(l => l[r]).ToArray())],
            NetworkRounds = [.. rounds.Select((_, r) => network[r])],
            OverheadRounds = [.. rounds.Select(r => r.Overhead)],
            Problems = problems,
            Warnings = [.. Warnings(substitutes, gated, layers.Count(l => !l.IsQuiet))],
            InvalidReasons = [.. new[] { governorChange, gated ? ScaledTooMuch(layers) : null }.OfType<string>()],
            QuietShare = runner.Speed.QuietShare,
        };
    }

    // Scaling is a makeshift for a layer or two; a profile that mostly rests on it is none.
    private static string? ScaledTooMuch(RoundReadings[] layers)
    {
        double all = layers.Sum(l => l.Interval.Median);
        double scaled = layers.Where(l => !l.IsQuiet).Sum(l => l.Interval.Median);
        return all == 0 || scaled <= MostScaled * all
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"layers with {scaled / all * 100:F0} % of the time were never undisturbed; the figures are not valid: measure on a quieter machine, or longer");
    }

    private static string? GovernorChange(string? before, string? after) => before == after
        ? null
        : $"the frequency governor changed from {before ?? "none"} to {after ?? "none"} during the timing; its figures are not valid";

    private IEnumerable<string> Warnings(Dictionary<int, string> substitutes, bool gated, int scaled)
    {
        foreach ((int index, string reason) in substitutes)
        {
            yield return $"layer {executed.Graph.Layers[index].Name} was timed through its source nodes, because its executed node cannot be timed on its own: {reason}";
        }

        double quiet = runner.Speed.QuietShare;
        if (!gated)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"something else slowed the machine for {(1 - quiet) * 100:F0} % of the time and no run of the network escaped it; all times are medians as they came, not those of an undisturbed machine");
            yield break;
        }

        if (quiet < LayerTimings.NotablyQuiet)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"something else slowed the machine for {(1 - quiet) * 100:F0} % of the time; what was read then was set aside and repeated");
        }

        if (scaled > 0)
        {
            yield return $"{scaled} layers found too few undisturbed moments; their figures are scaled to the machine's best speed and less sure; more time helps";
        }
    }
}
