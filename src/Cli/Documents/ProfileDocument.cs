using EdgePrune.Profiler;
using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;

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
    ProfileMeasurement? Measurement,
    ProfileConditions Before,
    ProfileConditions After,
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
            report.Energy is { } total ? Figure.Of(total.Total, Milli) : null,
            report.Energy is { } dynamic ? Figure.Of(dynamic.Dynamic, Milli) : null,
            report.Statistics.Macs,
            report.Statistics.Params,
            report.Statistics.Bytes,
            report.PeakActivationBytes),
        [.. report.Layers.Select(l => Layer(l, report.Measured?.Layers.ElementAtOrDefault(l.Layer.Index)))],
        new ProfileClosure(
            report.Closure.TimeResidual.Median * 100,
            report.Measured is { Invalid: not null } ? null : report.Closure.EnergyResidual.Median * 100),
        report.Measured is { } measured ? ProfileMeasurement.Of(measured) : null,
        ProfileConditions.Of(report.Before),
        ProfileConditions.Of(report.After),
        report.Warnings);

    private static ProfileLayer Layer(LayerProfile layer, LayerEnergy? energy) => new(
        layer.Layer.Name,
        layer.Layer.Op,
        [.. layer.Layer.NodeNames],
        Figure.Of(layer.Time, Micro),
        // A layer without a time has no modelled energy either.
        layer.Time.Count == 0 || layer.Energy is null ? null : Figure.Of(layer.Energy.Total, Micro),
        layer.Time.Count == 0 || layer.Energy is null ? null : Figure.Of(layer.Energy.Dynamic, Micro),
        energy?.Windows,
        energy?.Samples,
        energy?.IsBoosted,
        layer.Share,
        layer.Layer.Macs,
        layer.Layer.Params,
        layer.Layer.BytesMoved,
        layer.Layer.ActivationBytes);
}

/// <param name="LatencyMs">One run, with percentiles of single runs.</param>
/// <param name="EnergyMj">One run, idle power included; null where it was to be measured and could not be.</param>
/// <param name="DynamicEnergyMj">One run, above idle.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Bytes">Bytes of all initializers.</param>
/// <param name="PeakActivationBytes">Peak of the live activations.</param>
internal sealed record ProfileNetwork(
    LatencyFigure LatencyMs, Figure? EnergyMj, Figure? DynamicEnergyMj, long Macs, long Params, long Bytes, long PeakActivationBytes);

/// <summary>One layer as executed. <paramref name="Nodes"/> are the source nodes that it stands for; figures are null where it cannot be timed alone.</summary>
internal sealed record ProfileLayer(
    string Name,
    string Op,
    IReadOnlyList<string> Nodes,
    Figure? TimeUs,
    Figure? EnergyUj,
    Figure? DynamicEnergyUj,
    int? EnergyWindows,
    int? EnergySamples,
    bool? IsBoosted,
    double Share,
    long Macs,
    long Params,
    long BytesMoved,
    long ActivationBytes);

/// <summary>Layers and overhead against the whole network, in percent of the network.</summary>
internal sealed record ProfileClosure(double TimeResidualPct, double? EnergyResidualPct);

/// <summary>How the energies were measured.</summary>
/// <param name="Invalid">Why there are no energies, or null.</param>
/// <param name="Plan">What was measured, in words.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Windows">Windows used.</param>
/// <param name="Discarded">Windows thrown away, by reason.</param>
/// <param name="IdleW">Power at rest.</param>
/// <param name="OverheadUj">Dynamic energy of a run beside the layers.</param>
/// <param name="DynamicResidualPct">(Σ layers + overhead − network) / network of the dynamic energy, in percent.</param>
/// <param name="TotalResidualPct">The same of the total energy.</param>
/// <param name="Condition">Condition number of the fit.</param>
/// <param name="PrecisionPct">Median half width of the intervals of layers with at least 1 % of the energy.</param>
/// <param name="PrecisionInFourTimesPct">What that would be in four times the time.</param>
/// <param name="Trace">Mean power of the windows: seconds since the first, watts.</param>
internal sealed record ProfileMeasurement(
    string? Invalid,
    string Plan,
    double Seconds,
    int Windows,
    IReadOnlyDictionary<string, int> Discarded,
    Figure? IdleW,
    Figure? OverheadUj,
    Figure? DynamicResidualPct,
    Figure? TotalResidualPct,
    double? Condition,
    double? PrecisionPct,
    double? PrecisionInFourTimesPct,
    IReadOnlyList<double[]> Trace)
{
    public static ProfileMeasurement Of(EnergyMeasurementResult result)
    {
        double start = result.Trace.Count > 0 ? result.Trace[0].Time : 0;
        return new ProfileMeasurement(
            result.Invalid,
            result.Plan,
            result.Took.Value,
            result.Windows.Used,
            result.Windows.Reasons,
            Figure.Of(result.Idle, 1),
            Figure.Of(result.Overhead, 1e6),
            Figure.Of(result.DynamicResidual, 100),
            Figure.Of(result.TotalResidual, 100),
            result.Invalid is null ? Finite(result.Condition) : null,
            result.Invalid is null ? Finite(result.Precision * 100) : null,
            result.Invalid is null ? Finite(result.PrecisionInFourTimes * 100) : null,
            [.. result.Trace.Select(p => new[] { p.Time - start, p.Watts })]);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>State of the machine; what it does not tell is null.</summary>
internal sealed record ProfileConditions(int Cores, string? Governor, double? FrequencyMhz, double? TemperatureC, long? ThrottleEvents, double? Load)
{
    public static ProfileConditions Of(Conditions c) =>
        new(c.Cores, c.Governor, c.FrequencyMHz, c.TemperatureCelsius, c.ThrottleEvents, c.Load);
}

/// <summary>A median with the 95 % interval of it.</summary>
internal sealed record Figure(double Median, double Low, double High)
{
    /// <summary>Null where nothing was measured.</summary>
    public static Figure? Of(Interval interval, double scale) =>
        interval.Count == 0 ? null : new Figure(interval.Median * scale, interval.Low * scale, interval.High * scale);
}

/// <summary>A latency: the median with its interval, percentiles of single runs, and their number.</summary>
internal sealed record LatencyFigure(double Median, double Low, double High, double P95, double P99, int Runs);
