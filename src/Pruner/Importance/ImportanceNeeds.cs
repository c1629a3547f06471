namespace EdgePrune.Pruner.Importance;

/// <summary>What a criterion looks at besides the weights.</summary>
public enum ImportanceNeeds
{
    /// <summary>The model alone.</summary>
    Weights,

    /// <summary>Samples that go through the model; labels are used where there are any.</summary>
    Samples,

    /// <summary>Samples with labels: gradients of the loss.</summary>
    Labels,
}
