using EdgePrune.Agent.Service.Deployments;

namespace EdgePrune.Agent.Service.Api;

/// <param name="Upload">A whole upload.</param>
/// <param name="Note">Text for the journal.</param>
/// <param name="Wait">Who ends the probation: the agent, or a client by commit or rollback.</param>
/// <param name="AllowBad">Whether a model that has brought the service down before may be tried again.</param>
internal sealed record DeploymentRequest(string Upload, string? Note, WhoDecides Wait = WhoDecides.Agent, bool AllowBad = false);
