using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>Two models timed in one run, interleaved, so that whatever the machine does in between meets both.</summary>
/// <param name="First">Latency of the first model.</param>
/// <param name="Second">Latency of the second.</param>
/// <param name="Ratio">Second over first: below 1 the second is faster.</param>
public sealed record LatencyComparison(Latency First, Latency Second, Interval Ratio)
{
    private const int Blocks = 15;
    private const int FewestPairs = 4;
    private const int MostPairs = 10_000;

    // What all blocks together may spend on waiting, in multiples of the time asked for.
    private const double PatienceShare = 2;

    // What a block may spend on waiting for an undisturbed moment, in multiples of its own time.
    private const double Waiting = 2;

    /// <summary>
    /// Share of the blocks in which the machine was at the best speed that this process has seen, 0 to 1. Where it is low a neighbour was
    /// there for most of the time, and may have slowed the two unequally.
    /// </summary>
    public double QuietShare { get; private init; } = 1;

    /// <summary>Times both models on one thread (or as <paramref name="settings"/> say) on the same inputs.</summary>
    /// <param name="first">Usually the original.</param>
    /// <param name="second">Usually the pruned model; its inputs must be those of the first.</param>
    /// <param name="budget">Time to spend, 3 s where null.</param>
    /// <param name="inputs">Values; seeded noise where null.</param>
    /// <exception cref="InputException">A model does not run, or the inputs differ.</exception>
    public static LatencyComparison Run(
        OnnxModel first,
        OnnxModel second,
        SessionSettings? settings = null,
        Seconds? budget = null,
        IReadOnlyDictionary<string, OrtValue>? inputs = null,
        TimeProvider? clock = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        clock ??= TimeProvider.System;
        settings ??= SessionSettings.Default;
        using NamedValues? made = inputs is null ? ProbedInputs.Make(first) : null;
        IReadOnlyDictionary<string, OrtValue> values = inputs ?? made!;
        using TimedLoop a = Loop(first, values, settings, clock);
        using TimedLoop b = Loop(second, values, settings, clock);
        // Both are warm before the first block counts.
        a.Runs(0, 10);
        b.Runs(0, 10);
        double seconds = budget?.Value ?? 3;
        using var runner = new QuietRunner(settings, clock) { Patience = PatienceShare * seconds };
        var firstRounds = new List<double[]>();
        var secondRounds = new List<double[]>();
        int quiet = 0;
        for (int block = 0; block < Blocks; block++)
        {
            (double[] x, double[] y, bool undisturbed) = Block(a, b, runner, seconds / Blocks, cancel);
            quiet += undisturbed ? 1 : 0;
            firstRounds.Add(x);
            secondRounds.Add(y);
        }

        double[] ratios = [.. firstRounds.Zip(secondRounds, (x, y) => Order.Median(y) / Order.Median(x))];
        return new LatencyComparison(Latency.Of(firstRounds), Latency.Of(secondRounds), Order.MedianInterval(ratios)) { QuietShare = (double)quiet / Blocks };
    }

    // A B B A A B B A …: either model follows itself and the other equally often. Where some pairs were undisturbed only they count:
    // a busy neighbour does not slow two models alike.
    private static (double[] First, double[] Second, bool Undisturbed) Block(TimedLoop a, TimedLoop b, QuietRunner runner, double slice, CancellationToken cancel)
    {
        var pairs = new List<(double First, double Second)>();
        double Pair()
        {
            bool even = pairs.Count % 2 == 0;
            (TimedLoop early, TimedLoop late) = even ? (a, b) : (b, a);
            double one = early.Once();
            double two = late.Once();
            pairs.Add(even ? (one, two) : (two, one));
            return one + two;
        }

        void WarmUp()
        {
            a.Once();
            b.Once();
        }

        int wanted = (int)Math.Clamp(slice / (a.Once() + b.Once()), FewestPairs, MostPairs);
        IReadOnlyList<PacedRun> runs = runner.Take(Pair, wanted, slice * Waiting, cancel, WarmUp);
        var quiet = pairs.Where((_, i) => runner.Speed.IsQuiet(runs[i].Reference)).ToList();
        List<(double First, double Second)> counted = quiet.Count > 0 ? quiet : pairs;
        return ([.. counted.Select(p => p.First)], [.. counted.Select(p => p.Second)], quiet.Count > 0);
    }

    private static TimedLoop Loop(
        OnnxModel model, IReadOnlyDictionary<string, OrtValue> values, SessionSettings settings, TimeProvider clock)
    {
        ModelSession session = ModelSession.Create(model, settings);
        if (session.Inputs.FirstOrDefault(i => !values.ContainsKey(i.Name)) is { } missing)
        {
            session.Dispose();
            throw new InputException($"{model.Path ?? "the model"} wants the input {missing}, which the other model has not; compare models with equal inputs");
        }

        return new TimedLoop(session, values, model.Path ?? "the model", clock);
    }
}
