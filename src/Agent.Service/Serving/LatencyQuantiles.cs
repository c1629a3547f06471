using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Serving;

/// <param name="P50">Median.</param>
/// <param name="P90">Nine of ten are no slower.</param>
/// <param name="P99">99 of 100 are no slower.</param>
/// <param name="Count">How many of the last requests they are of.</param>
internal sealed record LatencyQuantiles(Seconds P50, Seconds P90, Seconds P99, int Count);
