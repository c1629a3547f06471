namespace EdgePrune.Agent.Service.Api;

/// <param name="Reason">Text for the journal.</param>
internal sealed record RollbackRequest(string? Reason);
