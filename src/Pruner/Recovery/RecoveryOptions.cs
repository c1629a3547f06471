using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;

namespace EdgePrune.Pruner.Recovery;

/// <summary>What a model is trained on while it is pruned and afterwards, and how.</summary>
public sealed record RecoveryOptions
{
    /// <summary>Labelled samples to train on; never those that the result is judged by.</summary>
    public required Dataset Training { get; init; }

    /// <summary>Training steps after each cut; 0 for none.</summary>
    public long Steps { get; init; }

    /// <summary>Samples a step; fewer where the data has fewer.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate of a training; it falls as half a cosine.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Gradients whose common norm is larger are scaled to it.</summary>
    public double MaxGradientNorm { get; init; } = 5;

    /// <summary>True to learn the original's answers as well as the labels, half and half (Hinton et al., 2015).</summary>
    public bool Distill { get; init; }

    /// <summary>Random changes to the samples; by default none.</summary>
    public AugmentationPlan Augmentation { get; init; } = new();
}
