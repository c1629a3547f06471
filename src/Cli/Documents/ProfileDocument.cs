using EdgePrune.Profiler;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>profile</c>. Times are measured; <see cref="Provenance"/> is that of the energies.</summary>
internal sealed record ProfileDocument(
    string Device,
    string Provenance,
    string ProvenanceSource,
    string Runtime,
    ProfileNetwork Network,
    IReadOnlyList<ProfileLayer> Layers,
    ProfileClosure Closure,
    IReadOnlyList<string> Warnings)
{
    private const double Milli = 1e3;
    private const double Micro = 1e6;

    public static ProfileDocument Of(ProfileReport report) => new(
        report.Device,
        report.EnergyProvenance.Word,
        report.EnergyProvenance.Source,
        report.Runtime,
        new ProfileNetwork(
            new LatencyFigure(
                report.Latency.Median.Median * Milli,
                report.Latency.Median.Low * Milli,
                report.Latency.Median.High * Milli,
                report.Latency.P95 * Milli,
                report.Latency.P99 * Milli,
                report.Latency.Runs),
            Figure.Of(report.Energy.Total, Milli)!,
            Figure.Of(report.Energy.Dynamic, Milli)!,
            report.Statistics.Macs,
            report.Statistics.Params,
            report.Statistics.Bytes,
            report.PeakActivationBytes),
        [.. report.Layers.Select(Layer)],
        new ProfileClosure(report.Closure.TimeResidual.Median * 100, report.Closure.EnergyResidual.Median * 100),
        report.Warnings);

    private static ProfileLayer Layer(LayerProfile layer) => new(
        layer.Layer.Name,
        layer.Layer.Op,
        [.. layer.Layer.NodeNames],
        Figure.Of(layer.Time, Micro),
        // A layer without a time has no modelled energy either.
        layer.Time.Count == 0 ? null : Figure.Of(layer.Energy.Total, Micro),
        layer.Time.Count == 0 ? null : Figure.Of(layer.Energy.Dynamic, Micro),
        layer.Share,
        layer.Layer.Macs,
        layer.Layer.Params,
        layer.Layer.BytesMoved,
        layer.Layer.ActivationBytes);
}

/// <param name="LatencyMs">One run, with percentiles of single runs.</param>
/// <param name="EnergyMj">One run, idle power included.</param>
/// <param name="DynamicEnergyMj">One run, above idle.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Bytes">Bytes of all initializers.</param>
/// <param name="PeakActivationBytes">Peak of the live activations.</param>
internal sealed record ProfileNetwork(
    LatencyFigure LatencyMs, Figure EnergyMj, Figure DynamicEnergyMj, long Macs, long Params, long Bytes, long PeakActivationBytes);

/// <summary>One layer as executed. <paramref name="Nodes"/> are the source nodes that it stands for; figures are null where it cannot be timed alone.</summary>
internal sealed record ProfileLayer(
    string Name,
    string Op,
    IReadOnlyList<string> Nodes,
    Figure? TimeUs,
    Figure? EnergyUj,
    Figure? DynamicEnergyUj,
    double Share,
    long Macs,
    long Params,
    long BytesMoved,
    long ActivationBytes);

/// <summary>Layers and overhead against the whole network, in percent of the network.</summary>
internal sealed record ProfileClosure(double TimeResidualPct, double EnergyResidualPct);

/// <summary>A median with the 95 % interval of it.</summary>
internal sealed record Figure(double Median, double Low, double High)
{
    /// <summary>Null where nothing was measured.</summary>
    public static Figure? Of(Interval interval, double scale) =>
        interval.Count == 0 ? null : new Figure(interval.Median * scale, interval.Low * scale, interval.High * scale);
}

/// <summary>A latency: the median with its interval, percentiles of single runs, and their number.</summary>
internal sealed record LatencyFigure(double Median, double Low, double High, double P95, double P99, int Runs);
