using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Api;

/// <param name="Id">Its name in the journal.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Digest">The model deployed.</param>
/// <param name="Replaces">The model before, or null.</param>
/// <param name="Note">What was written about it.</param>
/// <param name="Steps">Oldest first.</param>
/// <param name="Probation">How far the agent has come with trying it; null: it is not being tried.</param>
/// <param name="Verdict">What the agent has found; null: nothing yet, or somebody else has decided.</param>
internal sealed record DeploymentAnswer(
    string Id,
    DeploymentState State,
    string Digest,
    string? Replaces,
    string? Note,
    IReadOnlyList<DeploymentStep> Steps,
    ProbationProgress? Probation,
    DeploymentVerdict? Verdict);
