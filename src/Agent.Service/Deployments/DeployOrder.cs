namespace EdgePrune.Agent.Service.Deployments;

/// <summary>How a bundle is to be deployed.</summary>
/// <param name="Note">Text for the journal.</param>
/// <param name="Decides">Who ends the probation.</param>
/// <param name="AllowBad">Whether a model that has brought the service down before may be tried again.</param>
internal sealed record DeployOrder(string? Note, WhoDecides Decides, bool AllowBad);
