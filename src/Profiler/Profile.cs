using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Sensors;
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
        progress?.Report(new ProfileProgress("preparing layers", 0.05));
        LayerTimings timings = LayerTiming.Run(executed, inputs, options, progress, cancel);
        EnergyMeasurementResult? measured = Measure(executed, inputs, options, timings, progress, cancel);
        Conditions after = Conditions.Read();
        return Report(options, statistics, executed, timings, measured, before, after);
    }

    private static EnergyMeasurementResult? Measure(
        ExecutedValues executed,
        IReadOnlyDictionary<string, OrtValue> inputs,
        ProfileOptions options,
        LayerTimings timings,
        IProgress<ProfileProgress>? progress,
        CancellationToken cancel)
    {
        if (options.Source is not { } source)
        {
            return null;
        }

        using var workload = new RuntimeWorkload(executed, inputs, options, timings, source is ISimulatedLoad simulated ? simulated.SetLoad : null);
        var measurement = new EnergyMeasurement(
            workload,
            source,
            options.Clock,
            new EnergyMeasurementOptions
            {
                Budget = options.EnergyBudget,
                Seed = options.Seed,
                Conditions = Conditions.Read,
                Accuracy = PowerSources.Chosen(options.Device)?.AccuracyPercent / 100,
                PlausibleIdle = options.Device.Idle.Plausible,
            });
        options.Marker.Begin();
        try
        {
            return measurement.Run(progress, cancel);
        }
        finally
        {
            options.Marker.End();
        }
    }

    private static ProfileReport Report(
        ProfileOptions options, ModelStatistics statistics, ExecutedValues executed, LayerTimings timings, EnergyMeasurementResult? measured, Conditions before, Conditions after)
    {
        var energy = new EnergyModel(options.Device);
        int cores = Math.Max(1, options.Session.Threads);
        ExecutedGraph graph = executed.Graph;
        IReadOnlyList<Interval> times = timings.Layers;
        double sum = times.Sum(t => t.Median);
        LayerProfile[] layers =
        [
            .. graph.Layers.Select(l => new LayerProfile(
                l,
                times[l.Index],
                measured is null
                    ? energy.Of(times[l.Index], new Workload(default, cores, l.Macs, l.BytesMoved))
                    : measured.Layers.ElementAtOrDefault(l.Index)?.Figure,
                times[l.Index].Median / sum)),
        ];
        Latency latency = timings.Network;
        long bytes = graph.Layers.Sum(l => l.BytesMoved);
        EnergyFigure? total = measured is null ? energy.Of(latency.Median, new Workload(default, cores, statistics.Macs, bytes)) : measured.Network;
        Closure closure = Close(timings, energy, cores, statistics.Macs, bytes);
        if (measured is { Invalid: null })
        {
            closure = closure with { EnergyResidual = measured.TotalResidual };
        }
        return new ProfileReport
        {
            Device = options.Device.Name,
            EnergyProvenance = measured?.Provenance ?? energy.Provenance,
            Measured = measured,
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
            Warnings =
            [
                .. ProfileWarnings.Of(graph, timings.Problems, closure, timings.NetworkRounds, before, after),
                .. ProfileWarnings.Of(measured),
                .. timings.Warnings,
                .. timings.InvalidReasons,
            ],
        };
    }

    private static Closure Close(LayerTimings timings, EnergyModel energy, int cores, long macs, long bytes)
    {
        double[] whole = [.. timings.LayerSums.Zip(timings.OverheadRounds, (s, o) => s + o)];
        IReadOnlyList<double> networks = timings.NetworkRounds;
        double Joules(double seconds) => energy.Total(new Workload(new Units.Seconds(seconds), cores, macs, bytes)).Value;
        return new Closure(
            timings.LayerSum,
            timings.RunOverhead,
            Order.MedianInterval([.. whole.Zip(networks, (w, n) => (w - n) / n)]),
            Order.MedianInterval([.. whole.Zip(networks, (w, n) => (Joules(w) - Joules(n)) / Joules(n))]));
    }
}
