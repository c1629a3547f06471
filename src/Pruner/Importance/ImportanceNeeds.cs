namespace EdgePrune.Pruner.Importance;

/// <summary>What a criterion looks at besides the weights.</summary>
public enum ImportanceNeeds
{
    /// <summary>The model alone.</summary>
    Weights,

    /// <summary>Samples that go through the model; labels are used where there are any.</summary>
    Samples,

    /// <summary>Samples, and the gradients of a loss: the cross-entropy with their labels, or half the squared outputs where they have none.</summary>
    Gradients,
}
