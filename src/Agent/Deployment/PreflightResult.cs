namespace EdgePrune.Agent.Deployment;

/// <summary>How a preflight went.</summary>
/// <param name="Passed">Whether the model may serve.</param>
/// <param name="Reason">Why not; null where it passed.</param>
/// <param name="Elapsed">Wall-clock time from start to end of the attempt.</param>
/// <param name="PeakMemoryBytes">The most resident memory seen; null where it ended before it could be read.</param>
public sealed record PreflightResult(bool Passed, string? Reason, TimeSpan Elapsed, long? PeakMemoryBytes);
