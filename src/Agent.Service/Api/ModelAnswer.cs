namespace EdgePrune.Agent.Service.Api;

/// <param name="Current">The digest of the model in service, or null.</param>
/// <param name="Previous">The digest of the one to roll back to, or null.</param>
internal sealed record ModelAnswer(string? Current, string? Previous);
