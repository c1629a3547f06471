namespace EdgePrune.Agent.Deployment;

/// <summary>What goes with a model to be deployed.</summary>
public sealed record DeployRequest
{
    /// <summary>Free text, kept in the journal: who or what asked, and why.</summary>
    public string? Note { get; init; }
}
