using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Deployment;

/// <summary>
/// A model that serves on probation. Its owner measures, then commits it or rolls it back through the
/// <see cref="Deployer"/>; disposing it undecided rolls it back.
/// </summary>
public sealed class ActiveDeployment : IDisposable
{
    private readonly Deployer _deployer;

    internal ActiveDeployment(Deployer deployer, JournalEntry entry, string path, PreflightResult? preflight, bool alreadyCurrent)
    {
        _deployer = deployer;
        Entry = entry;
        ModelPath = path;
        Preflight = preflight;
        AlreadyCurrent = alreadyCurrent;
    }

    /// <summary>The deployment's name in the journal.</summary>
    public string Id => Entry.Deployment;

    /// <summary>Probation, until decided; then committed or rolled back.</summary>
    public DeploymentState State => Entry.State;

    /// <summary>The model deployed.</summary>
    public ModelDigest Digest => Entry.Digest;

    /// <summary>The model that served before, to compare with; null: none did.</summary>
    public ModelDigest? Replaces => Entry.Replaces;

    /// <summary>The deployed model's full path in the store.</summary>
    public string ModelPath { get; }

    /// <summary>How the preflight went; null where there was none.</summary>
    public PreflightResult? Preflight { get; }

    /// <summary>That very model served already: nothing was done, and there is nothing to decide.</summary>
    public bool AlreadyCurrent { get; }

    internal JournalEntry Entry { get; set; }

    /// <summary>Rolls back if nothing has been decided. What the disk refuses now, the store's next opening does.</summary>
    public void Dispose() => _deployer.Abandon(this);
}
