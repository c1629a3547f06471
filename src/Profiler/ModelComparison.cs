using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Sensors;
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
    /// <summary>Two measurements of the same pair of models on a shared machine differ by about this share.</summary>
    public const double Repeatability = 0.02;

    /// <summary>Share of the timing in which the machine was at the best speed that this process has seen, 0 to 1; see <see cref="LatencyComparison.QuietShare"/>.</summary>
    public double QuietShare { get; private init; } = 1;

    /// <summary>Measures two models; energies follow from the device file's coefficients.</summary>
    /// <exception cref="InputException">A model does not run, or the two have different inputs.</exception>
    public static ModelComparison Run(
        OnnxModel first,
        OnnxModel second,
        Device device,
        SessionSettings? settings = null,
        Seconds? budget = null,
        IReadOnlyDictionary<string, OrtValue>? inputs = null,
        IReadOnlyDictionary<string, long[]>? shapes = null,
        CancellationToken cancel = default) => RunWith(null, default, first, second, device, settings, budget, inputs, shapes, cancel);

    /// <summary>The same with energies by a sensor, where there is one.</summary>
    /// <param name="source">Measures the board's power; null where energy is modelled.</param>
    /// <param name="energyBudget">Time to spend on measuring energy.</param>
    /// <param name="first">Usually the original.</param>
    /// <param name="second">Usually the pruned model.</param>
    /// <param name="device">The board.</param>
    /// <param name="settings">Threads, provider and optimisation level.</param>
    /// <param name="budget">Time to spend on timing.</param>
    /// <param name="inputs">Real inputs; seeded noise where null.</param>
    /// <param name="shapes">Shapes of inputs with free dimensions, where no inputs are given.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="InputException">A model does not run, or the two have different inputs.</exception>
    /// <exception cref="SensorException">The source fails.</exception>
    public static ModelComparison RunWith(
        IPowerSource? source,
        Seconds energyBudget,
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
        if (source is not null)
        {
            EnergyComparison measured = Measure((first, workA, latency.First), (second, workB, latency.Second), energy, source, settings, energyBudget, values, cancel);
            return new ModelComparison(
                new ModelMeasurement(latency.First, measured.First, statisticsA),
                new ModelMeasurement(latency.Second, measured.Second, statisticsB),
                latency.Ratio,
                measured.Ratio)
            { QuietShare = latency.QuietShare };
        }

        double joulesA = energy.Of(latency.First.Median, workA).Total.Median;
        Interval timeB = latency.Ratio.Scale(latency.First.Median.Median);
        return new ModelComparison(
            new ModelMeasurement(latency.First, energy.Of(latency.First.Median, workA), statisticsA),
            new ModelMeasurement(latency.Second, energy.Of(latency.Second.Median, workB), statisticsB),
            latency.Ratio,
            joulesA > 0 ? energy.Of(timeB, workB).Total.Scale(1 / joulesA) : latency.Ratio)
        { QuietShare = latency.QuietShare };
    }

    private static EnergyComparison Measure(
        (OnnxModel Model, Workload Work, Latency Latency) first,
        (OnnxModel Model, Workload Work, Latency Latency) second,
        EnergyModel model,
        IPowerSource source,
        SessionSettings settings,
        Seconds budget,
        IReadOnlyDictionary<string, OrtValue> values,
        CancellationToken cancel)
    {
        using var a = new TimedLoop(ModelSession.Create(first.Model, settings), values, first.Model.Source, TimeProvider.System);
        using var b = new TimedLoop(ModelSession.Create(second.Model, settings), values, second.Model.Source, TimeProvider.System);
        return EnergyComparison.Run(a.Once, b.Once, source, budget, (Load(first.Work, first.Latency), Load(second.Work, second.Latency)), TimeProvider.System, cancel);

        // A simulated board draws what the coefficients make of the work that really runs.
        Watts Load(Workload work, Latency latency)
        {
            double seconds = latency.Median.Median;
            return seconds > 0 ? new Watts(model.Dynamic(work with { Time = new Seconds(seconds) }).Value / seconds) : default;
        }
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
