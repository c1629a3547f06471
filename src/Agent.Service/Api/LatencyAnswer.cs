namespace EdgePrune.Agent.Service.Api;

/// <param name="P50">Median, in seconds.</param>
/// <param name="P90">In seconds.</param>
/// <param name="P99">In seconds.</param>
/// <param name="Count">How many of the last requests these are of.</param>
internal sealed record LatencyAnswer(double P50, double P90, double P99, int Count);
