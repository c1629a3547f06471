namespace EdgePrune.Agent.Service.Api;

/// <param name="Status"><c>ok</c>, or <c>degraded</c> with <paramref name="Reasons"/>.</param>
/// <param name="Model">The digest of the model that serves, or null.</param>
/// <param name="Reasons">What is not as it should be.</param>
internal sealed record HealthAnswer(string Status, string? Model, IReadOnlyList<string> Reasons);
