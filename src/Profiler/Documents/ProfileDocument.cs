using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler.Documents;

/// <summary>JSON of <c>profile</c>. Times are measured; <see cref="Provenance"/> is that of the energies.</summary>
/// <param name="Format">Name and version of this form.</param>
/// <param name="Model">Name of the model's file, without its folder.</param>
/// <param name="Device">Name of the board.</param>
/// <param name="Provenance">measured, counted, modelled or simulated.</param>
/// <param name="ProvenanceSource">The sensor, the counters or the coefficients.</param>
/// <param name="Runtime">Runtime, version, provider, threads and optimisation level.</param>
/// <param name="Network">The network as a whole.</param>
/// <param name="Layers">In the order of execution.</param>
/// <param name="Closure">How well the two agree.</param>
/// <param name="Measurement">How the energies were measured; null where they are modelled.</param>
/// <param name="Before">The machine before.</param>
/// <param name="After">The machine after.</param>
/// <param name="Warnings">What a reader must know.</param>
public sealed record ProfileDocument(
    string Format,
    string Model,
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
    public const string CurrentFormat = "edgeprune-profile/1";
    private const double Milli = 1e3;
    private const double Micro = 1e6;

    /// <param name="report">The profile.</param>
    /// <param name="model">Path of the model; null where it has none.</param>
    public static ProfileDocument Of(ProfileReport report, string? model) => new(
        CurrentFormat,
        Path.GetFileName(model) ?? "",
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
            Figure.Of(report.Closure.LayerSum, Milli),
            Figure.Of(report.Closure.RunOverhead, Micro),
            Figure.Of(report.Closure.TimeResidual, 100)!,
            report.Measured is { Invalid: not null } ? null : Figure.Of(report.Closure.EnergyResidual, 100)),
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
        layer.Time.Count == 0 || layer.Energy is null ? null : Energy(layer.Energy.Total, energy),
        layer.Time.Count == 0 || layer.Energy is null ? null : Energy(layer.Energy.Dynamic, energy),
        energy?.Windows,
        energy?.Samples,
        energy?.IsBoosted,
        layer.Share,
        layer.Layer.Macs,
        layer.Layer.Params,
        layer.Layer.BytesMoved,
        layer.Layer.ActivationBytes);

    // A fit counts the windows of all layers; a layer's figure rests on its own.
    private static Figure? Energy(Interval joules, LayerEnergy? measured) =>
        Figure.Of(joules, Micro) is { } figure ? figure with { Samples = measured?.Windows ?? figure.Samples } : null;
}

/// <param name="LatencyMs">One run, with percentiles of single runs.</param>
/// <param name="EnergyMj">One run, idle power included; null where it was to be measured and could not be.</param>
/// <param name="DynamicEnergyMj">One run, above idle.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Bytes">Bytes of all initializers.</param>
/// <param name="PeakActivationBytes">Peak of the live activations.</param>
public sealed record ProfileNetwork(
    LatencyFigure LatencyMs, Figure? EnergyMj, Figure? DynamicEnergyMj, long Macs, long Params, long Bytes, long PeakActivationBytes);

/// <summary>One layer as executed; figures are null where it cannot be timed alone.</summary>
/// <param name="Name">Name of its last source node.</param>
/// <param name="Op">Operator as executed.</param>
/// <param name="Nodes">The source nodes that it stands for.</param>
/// <param name="TimeUs">One execution, the runtime's dispatch included.</param>
/// <param name="EnergyUj">One execution, idle power included.</param>
/// <param name="DynamicEnergyUj">One execution, above idle.</param>
/// <param name="EnergyWindows">Windows that the energy rests on; null where it was not measured.</param>
/// <param name="EnergySamples">New readings of the sensor in them.</param>
/// <param name="IsBoosted">True where it was also repeated inside the network.</param>
/// <param name="Share">Its time over the sum of all layers' times.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Params">Parameters.</param>
/// <param name="BytesMoved">Bytes read and written.</param>
/// <param name="ActivationBytes">Bytes of its results.</param>
public sealed record ProfileLayer(
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
    long ActivationBytes)
{
    /// <summary>The name that people know it by: a fused layer is named after its last node, the first does the work.</summary>
    public string Title() => Nodes.Count == 0 ? Name : Nodes[0];
}

/// <summary>Layers and overhead against the whole network.</summary>
/// <param name="LayerSumMs">Sum of all layers' times.</param>
/// <param name="OverheadUs">What a run takes beside its layers.</param>
/// <param name="TimeResidualPct">(layers + overhead − network) / network, in percent.</param>
/// <param name="EnergyResidualPct">The same of the total energy; null where the measurement is not valid.</param>
public sealed record ProfileClosure(Figure? LayerSumMs, Figure? OverheadUs, Figure TimeResidualPct, Figure? EnergyResidualPct);

/// <summary>State of the machine; what it does not tell is null.</summary>
public sealed record ProfileConditions(int Cores, string? Governor, double? FrequencyMhz, double? TemperatureC, long? ThrottleEvents, double? Load)
{
    public static ProfileConditions Of(Conditions c) =>
        new(c.Cores, c.Governor, c.FrequencyMHz, c.TemperatureCelsius, c.ThrottleEvents, c.Load);
}

/// <summary>A median with the 95 % interval of it.</summary>
/// <param name="Median">The median.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Samples">What the interval rests on: rounds of a time, windows of an energy. Null where it is no statistic of samples.</param>
public sealed record Figure(double Median, double Low, double High, int? Samples = null)
{
    /// <summary>Null where nothing was measured.</summary>
    public static Figure? Of(Interval interval, double scale) =>
        interval.Count == 0 ? null : new Figure(interval.Median * scale, interval.Low * scale, interval.High * scale, interval.Count);
}

/// <summary>A latency: the median with its interval, percentiles of single runs, and their number.</summary>
public sealed record LatencyFigure(double Median, double Low, double High, double P95, double P99, int Runs)
{
    public Figure Interval() => new(Median, Low, High);
}
