using System.Runtime.InteropServices;
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

    // Where a session's memory comes to lie makes some models faster or slower by a tenth for as long as the session lives: both are
    // loaded anew some times, and the median is not that of one draw. Not where loading takes most of the time that there is.
    private const int Placements = 5;
    private const double Loading = 0.25;
    private const int LargestShift = 1 << 16;
    private const int FewestPairs = 4;
    private const int MostPairs = 10_000;

    // What a block may spend on waiting for an undisturbed moment, in multiples of its own time.
    private const double Waiting = 2;

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
        double seconds = budget?.Value ?? 3;
        using var runner = new QuietRunner(settings, clock) { Patience = seconds };
        var firstRounds = new List<double[]>();
        var secondRounds = new List<double[]>();
        var shift = new Random(0);
        int placements = 1;
        for (int placement = 0, block = 0; placement < placements; placement++)
        {
            // Holds a place in the heap, so that the next sessions do not fall into the very holes that the last ones left.
            using var held = new PlaceHolder(placement == 0 ? 0 : shift.Next(LargestShift));
            long start = clock.GetTimestamp();
            using TimedLoop a = Loop(first, values, settings, clock);
            using TimedLoop b = Loop(second, values, settings, clock);
            // Both are warm before the first block counts.
            a.Runs(0, 10);
            b.Runs(0, 10);
            if (placement == 0)
            {
                placements = (int)Math.Clamp(seconds * Loading / clock.GetElapsedTime(start).TotalSeconds, 1, Placements);
            }

            for (; block < Blocks * (placement + 1) / placements; block++)
            {
                (double[] x, double[] y) = Block(a, b, runner, seconds / Blocks, cancel);
                firstRounds.Add(x);
                secondRounds.Add(y);
            }
        }

        double[] ratios = [.. firstRounds.Zip(secondRounds, (x, y) => Order.Median(y) / Order.Median(x))];
        return new LatencyComparison(Latency.Of(firstRounds), Latency.Of(secondRounds), Order.MedianInterval(ratios));
    }

    // A B B A A B B A …: either model follows itself and the other equally often. Where some pairs were undisturbed only they count:
    // a busy neighbour does not slow two models alike.
    private static (double[] First, double[] Second) Block(TimedLoop a, TimedLoop b, QuietRunner runner, double slice, CancellationToken cancel)
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
        return ([.. counted.Select(p => p.First)], [.. counted.Select(p => p.Second)]);
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

    private sealed unsafe class PlaceHolder(int bytes) : IDisposable
    {
        private void* memory = NativeMemory.Alloc((nuint)bytes);

        public void Dispose()
        {
            NativeMemory.Free(memory);
            memory = null;
        }
    }
}
