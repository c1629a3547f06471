using EdgePrune.Profiler;

namespace EdgePrune.Cli.Documents;

/// <summary>What a model costs and how good it is: one side of every before/after.</summary>
internal sealed record ModelFigures
{
    /// <summary>Median time of one run in milliseconds, measured.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>The 95 % interval of that median.</summary>
    public Span? LatencyIntervalMs { get; init; }

    /// <summary>Energy of one run in millijoules, idle power included; see the document's provenance.</summary>
    public required double EnergyMj { get; init; }

    /// <summary>Multiply-accumulates of one run.</summary>
    public required long Macs { get; init; }

    public required long Params { get; init; }

    /// <summary>Size of the model file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Share of the samples that are classified right, 0 to 1; null where no data were given.</summary>
    public double? Accuracy { get; init; }

    /// <param name="measured">The model as measured.</param>
    /// <param name="fileBytes">Size of its file.</param>
    /// <param name="accuracy">0 to 1, or null.</param>
    public static ModelFigures Of(ModelMeasurement measured, long fileBytes, double? accuracy) => new()
    {
        LatencyMs = measured.Latency.Median.Median * 1e3,
        LatencyIntervalMs = new Span(measured.Latency.Median.Low * 1e3, measured.Latency.Median.High * 1e3),
        EnergyMj = measured.Energy.Total.Median * 1e3,
        Macs = measured.Statistics.Macs,
        Params = measured.Statistics.Params,
        Bytes = fileBytes,
        Accuracy = accuracy,
    };

    /// <param name="measured">The model as measured, here or on another board.</param>
    /// <param name="fileBytes">Size of its file.</param>
    /// <param name="accuracy">0 to 1, or null.</param>
    public static ModelFigures Of(MeasuredModel measured, long fileBytes, double? accuracy) => new()
    {
        LatencyMs = measured.LatencyMs.Median,
        LatencyIntervalMs = new Span(measured.LatencyMs.Low, measured.LatencyMs.High),
        EnergyMj = measured.EnergyMj.Median,
        Macs = measured.Macs,
        Params = measured.Params,
        Bytes = fileBytes,
        Accuracy = accuracy,
    };
}

/// <summary>An interval.</summary>
internal readonly record struct Span(double Low, double High);
