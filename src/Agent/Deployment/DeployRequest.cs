using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Deployment;

/// <summary>What goes with a model to be deployed.</summary>
public sealed record DeployRequest
{
    /// <summary>Free text, kept in the journal: who or what asked, and why.</summary>
    public string? Note { get; init; }

    /// <summary>Canaries for the preflight; null: it runs the model on synthetic inputs alone.</summary>
    public PreflightCanaries? Canaries { get; init; }

    /// <summary>
    /// Called with the model's name in the store after the preflight and before the switch: the last moment to refuse it, by an
    /// <see cref="InputException"/>, without its ever having been current. Null: nothing more is asked of it.
    /// </summary>
    public Action<ModelDigest>? BeforeSwitch { get; init; }

    /// <summary>
    /// What the bytes must digest to; null: whatever they do. Whoever has checked a signature says so here, because the file may
    /// have changed between the check and the copying.
    /// </summary>
    public ModelDigest? Expected { get; init; }
}
