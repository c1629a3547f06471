namespace EdgePrune.Pruner.Recovery;

/// <summary>Which comes first, pruning or the transfer to the target.</summary>
public enum TransferOrder
{
    /// <summary>The model gets its new head and is trained on the target; it is scored, pruned and recovered there.</summary>
    TransferFirst,

    /// <summary>The model is scored and pruned as it came; then it gets its new head and is trained on the target.</summary>
    PruneFirst,
}
