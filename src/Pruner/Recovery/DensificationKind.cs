namespace EdgePrune.Pruner.Recovery;

/// <summary>How it is found which units come back.</summary>
public enum DensificationKind
{
    /// <summary>More goes than the budget asks for; then what lowers the loss most, by the gradient of its gate, comes back while the budget allows.</summary>
    Gradient,

    /// <summary>A genetic search over the units that stay, by the loss on the samples.</summary>
    Genetic,
}
