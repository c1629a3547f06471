namespace EdgePrune.Pruner.Recovery;

/// <summary>How a pre-trained model is made one for the classes of another data set, the one it is trained on.</summary>
public sealed record TransferOptions
{
    /// <summary>What comes first.</summary>
    public TransferOrder Order { get; init; }

    /// <summary>Training steps of the new head alone, while the rest of the model stays as it is.</summary>
    public long HeadSteps { get; init; } = 100;

    /// <summary>Training steps of the whole model after that.</summary>
    public long Steps { get; init; }
}
