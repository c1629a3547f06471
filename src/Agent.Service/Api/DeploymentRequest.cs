namespace EdgePrune.Agent.Service.Api;

/// <param name="Upload">A whole upload.</param>
/// <param name="Note">Text for the journal.</param>
internal sealed record DeploymentRequest(string Upload, string? Note);
