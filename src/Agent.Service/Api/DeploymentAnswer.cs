using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Api;

/// <param name="Id">Its name in the journal.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Digest">The model deployed.</param>
/// <param name="Replaces">The model before, or null.</param>
/// <param name="Note">What was written about it.</param>
/// <param name="Steps">Oldest first.</param>
internal sealed record DeploymentAnswer(string Id, DeploymentState State, string Digest, string? Replaces, string? Note, IReadOnlyList<DeploymentStep> Steps);
