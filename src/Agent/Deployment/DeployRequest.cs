using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Deployment;

/// <summary>What goes with a model to be deployed.</summary>
public sealed record DeployRequest
{
    /// <summary>Free text, kept in the journal: who or what asked, and why.</summary>
    public string? Note { get; init; }

    /// <summary>
    /// What the bytes must digest to; null: whatever they do. Whoever has checked a signature says so here, because the file may
    /// have changed between the check and the copying.
    /// </summary>
    public ModelDigest? Expected { get; init; }
}
