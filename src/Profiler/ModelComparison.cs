using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler;

/// <summary>One of two models that were measured together.</summary>
/// <param name="Latency">Of whole runs.</param>
/// <param name="Energy">Of one run.</param>
/// <param name="Statistics">Size and work.</param>
public sealed record ModelMeasurement(Latency Latency, EnergyFigure Energy, ModelStatistics Statistics);

/// <summary>Two models measured in one run, interleaved, and what they cost.</summary>
/// <param name="First">Usually the original.</param>
/// <param name="Second">Usually the pruned model.</param>
/// <param name="LatencyRatio">Second over first.</param>
/// <param name="EnergyRatio">Second over first, where the first has its median latency.</param>
public sealed record ModelComparison(ModelMeasurement First, ModelMeasurement Second, Interval LatencyRatio, Interval EnergyRatio)
{
    /// <exception cref="InputException">A model does not run, or the two have different inputs.</exception>
    public static ModelComparison Run(
        OnnxModel first,
        OnnxModel second,
        Device device,
        SessionSettings? settings = null,
        Seconds? budget = null,
        IReadOnlyDictionary<string, OrtValue>? inputs = null,
        IReadOnlyDictionary<string, long[]>? shapes = null,
        CancellationToken cancel = default)
    {
        settings ??= SessionSettings.Default;
        using NamedValues? made = inputs is null ? ProbedInputs.Make(first, ShapeProbe.Run(first, null, shapes), seed: 0) : null;
        IReadOnlyDictionary<string, OrtValue> values = inputs ?? made!;
        LatencyComparison latency = LatencyComparison.Run(first, second, settings, budget, values, cancel: cancel);
        var energy = new EnergyModel(device);
        (ModelStatistics statisticsA, Workload workA) = Work(first, values, settings);
        (ModelStatistics statisticsB, Workload workB) = Work(second, values, settings);
        double joulesA = energy.Of(latency.First.Median, workA).Total.Median;
        Interval timeB = latency.Ratio.Scale(latency.First.Median.Median);
        return new ModelComparison(
            new ModelMeasurement(latency.First, energy.Of(latency.First.Median, workA), statisticsA),
            new ModelMeasurement(latency.Second, energy.Of(latency.Second.Median, workB), statisticsB),
            latency.Ratio,
            joulesA > 0 ? energy.Of(timeB, workB).Total.Scale(1 / joulesA) : latency.Ratio);
    }

    private static (ModelStatistics Statistics, Workload Work) Work(
        OnnxModel model, IReadOnlyDictionary<string, OrtValue> inputs, SessionSettings settings)
    {
        var statistics = ModelStatistics.Of(model, ShapeProbe.Run(model, inputs));
        using ExecutedValues executed = ExecutedValues.Of(model, statistics, inputs, settings);
        long bytes = executed.Graph.Layers.Sum(l => l.BytesMoved);
        return (statistics, new Workload(default, Math.Max(1, settings.Threads), statistics.Macs, bytes));
    }
}
