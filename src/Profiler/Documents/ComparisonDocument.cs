using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler.Documents;

/// <summary>Two models measured in one run, interleaved. Latencies are measured; <see cref="Provenance"/> is that of the energies.</summary>
/// <param name="Format">Name and version of this form.</param>
/// <param name="Device">Name of the board.</param>
/// <param name="Provenance">measured, counted, modelled or simulated.</param>
/// <param name="ProvenanceSource">The sensor, the counters or the coefficients.</param>
/// <param name="Runtime">Runtime, version, provider, threads and optimisation level.</param>
/// <param name="First">Usually the original.</param>
/// <param name="Second">Usually the pruned model.</param>
/// <param name="LatencyRatio">Second over first.</param>
/// <param name="EnergyRatio">Second over first, where the first has its median latency.</param>
/// <param name="Warnings">What a reader must know.</param>
public sealed record ComparisonDocument(
    string Format,
    string Device,
    string Provenance,
    string ProvenanceSource,
    string Runtime,
    MeasuredModel First,
    MeasuredModel Second,
    Figure LatencyRatio,
    Figure EnergyRatio,
    IReadOnlyList<string> Warnings)
{
    public const string CurrentFormat = "edgeprune-comparison/1";
    private const double Milli = 1e3;

    /// <param name="comparison">The measurement.</param>
    /// <param name="device">Name of the board.</param>
    /// <param name="session">What the models ran with.</param>
    public static ComparisonDocument Of(ModelComparison comparison, string device, SessionSettings session)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        return new ComparisonDocument(
            CurrentFormat,
            device,
            comparison.First.Energy.Provenance.Word,
            comparison.First.Energy.Provenance.Source,
            RuntimeName.Of(session),
            Side(comparison.First),
            Side(comparison.Second),
            Figure.Of(comparison.LatencyRatio, 1)!,
            Figure.Of(comparison.EnergyRatio, 1)!,
            []);
    }

    /// <summary>Reads one that comes from another machine.</summary>
    /// <param name="bytes">The document.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="InputException">It is no sound comparison.</exception>
    public static ComparisonDocument Parse(ReadOnlySpan<byte> bytes, string source)
    {
        try
        {
            ComparisonDocument document = JsonSerializer.Deserialize<ComparisonDocument>(bytes, StrictJson.Options) ?? throw new JsonException("it is null");
            bool sound = document.Format == CurrentFormat && Sound(document.LatencyRatio) && Sound(document.EnergyRatio) && Sound(document.First) && Sound(document.Second);
            return sound ? document : throw new InputException($"{source} is no sound comparison: a figure is no interval around a median");
        }
        catch (JsonException bad)
        {
            throw new InputException($"{source} is no comparison: {Printable.Text(bad.Message, keepLines: false)}", bad);
        }
    }

    private static MeasuredModel Side(ModelMeasurement measured)
    {
        Latency latency = measured.Latency;
        return new MeasuredModel(
            new LatencyFigure(latency.Median.Median * Milli, latency.Median.Low * Milli, latency.Median.High * Milli, latency.P95 * Milli, latency.P99 * Milli, latency.Runs),
            Figure.Of(measured.Energy.Total, Milli)!,
            measured.Statistics.Macs,
            measured.Statistics.Params,
            measured.Statistics.Bytes);
    }

    private static bool Sound(MeasuredModel model) => Sound(model.LatencyMs.Interval()) && Sound(model.EnergyMj) && model.Macs >= 0 && model.Params >= 0 && model.Bytes >= 0;

    private static bool Sound(Figure f) =>
        double.IsFinite(f.Median) && double.IsFinite(f.Low) && double.IsFinite(f.High) && f.Low >= 0 && f.Low <= f.Median && f.Median <= f.High;
}

/// <param name="LatencyMs">One run, with percentiles of single runs.</param>
/// <param name="EnergyMj">One run, idle power included.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Bytes">Bytes of all initializers.</param>
public sealed record MeasuredModel(LatencyFigure LatencyMs, Figure EnergyMj, long Macs, long Params, long Bytes);
