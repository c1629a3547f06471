namespace EdgePrune.Agent.Service.Deployments;

/// <summary>How a bundle is to be deployed.</summary>
/// <param name="Note">Text for the journal.</param>
/// <param name="Decides">Who ends the probation; null: the agent where gates were signed with the bundle, otherwise a client.</param>
/// <param name="AllowBad">Whether a model that has brought the service down before may be tried again.</param>
internal sealed record DeployOrder(string? Note, WhoDecides? Decides, bool AllowBad);
