using EdgePrune.Cli.Documents;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Loop;

/// <summary>Two models measured in one run, interleaved: the figures that a verdict rests on.</summary>
/// <param name="Before">The first model.</param>
/// <param name="After">The second.</param>
/// <param name="LatencyRatio">Second over first.</param>
/// <param name="EnergyRatio">Second over first.</param>
internal sealed record Remeasurement(ModelFigures Before, ModelFigures After, Interval LatencyRatio, Interval EnergyRatio)
{
    /// <param name="before">Path of the original.</param>
    /// <param name="after">Path of the new model.</param>
    /// <param name="device">Its coefficients give the modelled energy.</param>
    /// <param name="settings">Threads and provider.</param>
    /// <param name="data">Labelled samples, or null.</param>
    /// <param name="shapes">Shapes of inputs with free dimensions.</param>
    /// <param name="seconds">Time to spend on timing.</param>
    public static Remeasurement Take(
        string before,
        string after,
        Device device,
        SessionSettings settings,
        Dataset? data,
        IReadOnlyDictionary<string, long[]>? shapes,
        double seconds,
        CancellationToken cancel)
    {
        OnnxModel first = OnnxModel.Load(before);
        OnnxModel second = OnnxModel.Load(after);
        var energy = new EnergyModel(device);
        using NamedValues? inputs = shapes is null ? null : Inputs(first, shapes);
        LatencyComparison compared = LatencyComparison.Run(first, second, settings, new Seconds(seconds), inputs, cancel: cancel);
        Side one = Side.Of(first, before, settings, shapes);
        Side two = Side.Of(second, after, settings, shapes);
        return new Remeasurement(
            one.Figures(compared.First, energy, Accuracy(first, settings, data, cancel)),
            two.Figures(compared.Second, energy, Accuracy(second, settings, data, cancel)),
            compared.Ratio,
            EnergyOf(compared, one, two, energy));
    }

    // Modelled energy rises with time alone, everything else being counted: the interval of the ratio of times carries over.
    private static Interval EnergyOf(LatencyComparison compared, Side before, Side after, EnergyModel energy)
    {
        double time = compared.First.Median.Median;
        double whole = before.Energy(time, energy);
        Interval ratio = compared.Ratio;
        return new Interval(
            after.Energy(time * ratio.Median, energy) / whole,
            after.Energy(time * ratio.Low, energy) / whole,
            after.Energy(time * ratio.High, energy) / whole,
            ratio.Count,
            ratio.Coverage);
    }

    private static NamedValues Inputs(OnnxModel model, IReadOnlyDictionary<string, long[]> shapes)
    {
        using ModelSession session = ModelSession.Create(model);
        return SyntheticInputs.Make(session.Inputs, seed: 0, shapes);
    }

    private static double? Accuracy(OnnxModel model, SessionSettings settings, Dataset? data, CancellationToken cancel)
    {
        if (data is null)
        {
            return null;
        }

        using ModelSession session = ModelSession.Create(model, settings);
        return Evaluator.Run(session.Session, data, cancellation: cancel).Accuracy;
    }

    private sealed record Side(ModelStatistics Statistics, long BytesMoved, long FileBytes, int Cores)
    {
        public static Side Of(OnnxModel model, string path, SessionSettings settings, IReadOnlyDictionary<string, long[]>? shapes)
        {
            var statistics = ModelStatistics.Of(model, ShapeProbe.Run(model, shapes: shapes));
            return new Side(statistics, statistics.Nodes.Sum(n => n.Bytes), new FileInfo(path).Length, Math.Max(1, settings.Threads));
        }

        public double Energy(double seconds, EnergyModel energy) =>
            energy.Total(new Workload(new Seconds(seconds), Cores, Statistics.Macs, BytesMoved)).Value;

        public ModelFigures Figures(Latency latency, EnergyModel energy, double? accuracy) => new()
        {
            LatencyMs = latency.Median.Median * 1e3,
            LatencyIntervalMs = new Span(latency.Median.Low * 1e3, latency.Median.High * 1e3),
            EnergyMj = Energy(latency.Median.Median, energy) * 1e3,
            Macs = Statistics.Macs,
            Params = Statistics.Params,
            Bytes = FileBytes,
            Accuracy = accuracy,
        };
    }
}
