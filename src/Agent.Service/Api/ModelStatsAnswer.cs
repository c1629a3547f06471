using EdgePrune.Agent.Deployment;

namespace EdgePrune.Agent.Service.Api;

/// <param name="Digest">Its name in the store.</param>
/// <param name="Requests">Answered since it was loaded.</param>
/// <param name="Failures">Requests that it could not answer.</param>
/// <param name="Latency">Time in the runtime; null before the first request.</param>
/// <param name="EnergyPerInference">As probation measured it; null: not known.</param>
/// <param name="Canaries">How it did on its bundle's canaries; null: not known.</param>
internal sealed record ModelStatsAnswer(string Digest, long Requests, long Failures, LatencyAnswer? Latency, EnergyAnswer? EnergyPerInference, CanaryFigure? Canaries);
