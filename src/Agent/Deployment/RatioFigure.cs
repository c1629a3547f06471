using System.Text.Json.Serialization;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Agent.Deployment;

/// <summary>New over old: below 1 the new model is better.</summary>
/// <param name="Median">Of the ratios of interleaved comparisons.</param>
/// <param name="Low">Lower end of the 95 % interval of the median.</param>
/// <param name="High">Its upper end.</param>
/// <param name="Count">How many ratios it rests on.</param>
/// <param name="Provenance">Where energies come from: measured, counted, modelled or simulated; null for times, which are measured.</param>
public sealed record RatioFigure(
    [property: JsonPropertyName("median")] double Median,
    [property: JsonPropertyName("low")] double Low,
    [property: JsonPropertyName("high")] double High,
    [property: JsonPropertyName("count")] int Count,
    [property: JsonPropertyName("provenance"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Provenance = null)
{
    public static RatioFigure Of(Interval interval, string? provenance = null) =>
        new(interval.Median, interval.Low, interval.High, interval.Count, provenance);
}
