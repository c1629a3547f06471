using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;

namespace EdgePrune.Pruner.Recovery;

/// <summary>What a model is trained on while it is pruned and afterwards, and how.</summary>
public sealed record RecoveryOptions
{
    /// <summary>Samples to train on, labelled or, where the original teaches, without labels; never those that the result is judged by.</summary>
    public required Dataset Training { get; init; }

    /// <summary>Training steps after each cut; 0 for none.</summary>
    public long Steps { get; init; }

    /// <summary>Samples a step; fewer where the data has fewer.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate of a training; it falls as half a cosine.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Gradients whose common norm is larger are scaled to it.</summary>
    public double MaxGradientNorm { get; init; } = 5;

    /// <summary>
    /// True to learn the original's answers as well as the labels, half and half (Hinton et al., 2015). Of samples without labels the
    /// original's outputs are learnt alone, of any model: logits by their divergence, other outputs by their squared error.
    /// </summary>
    public bool Distill { get; init; }

    /// <summary>Share of the loss that the original's answers have where it teaches labelled samples, 0 to 1; the labels have the rest.</summary>
    public double TeacherShare { get; init; } = 0.5;

    /// <summary>Weight of the original's values where branches join, learnt besides where it teaches; see <see cref="EdgePrune.Training.Loop.Teacher.Features"/>.</summary>
    public double Features { get; init; }

    /// <summary>Whether the original's outputs are all that is learnt.</summary>
    internal bool Imitates => Distill && Training.Labels is null;

    /// <summary>Random changes to the samples; by default none.</summary>
    public AugmentationPlan Augmentation { get; init; } = new();
}
