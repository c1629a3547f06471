namespace EdgePrune.Agent.Service.Deployments;

/// <summary>How far a probation has come.</summary>
/// <param name="Requests">Live requests whose inputs both models have run.</param>
/// <param name="Compared">Comparisons in all, with those that the agent drove itself.</param>
/// <param name="Needed">Comparisons after which it is decided.</param>
/// <param name="Deadline">When it is decided at the latest.</param>
internal sealed record ProbationProgress(int Requests, int Compared, int Needed, DateTimeOffset Deadline);
