using EdgePrune.Pruner.Recovery;
using EdgePrune.Training.Data;
using EdgePrune.Training.Data.Augmentation;

namespace EdgePrune.Pruner.Recipes;

/// <summary>What a model is trained on while it is pruned and afterwards, and how.</summary>
/// <param name="Data">Path of training data; labelled, unless the original's outputs are all that is learnt.</param>
public sealed record TrainingSource(string Data)
{
    /// <summary>Training steps after each cut.</summary>
    public long Steps { get; init; }

    /// <summary>Samples a step.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Gradients whose common norm is larger are scaled to it.</summary>
    public double MaxGradientNorm { get; init; } = 5;

    /// <summary>True to learn the original's answers as well as the labels, or alone where there are none.</summary>
    public bool Distill { get; init; }

    /// <summary>Share of the loss that the original's answers have, 0 to 1; the labels have the rest.</summary>
    public double TeacherShare { get; init; } = 0.5;

    /// <summary>Weight of the original's values where branches join, learnt besides its answers; 0 for nothing.</summary>
    public double Features { get; init; }

    /// <summary>Random changes to the samples.</summary>
    public AugmentationPlan Augmentation { get; init; } = new();

    /// <summary>Opens the samples.</summary>
    /// <exception cref="Onnx.InputException">They are missing, not right, or have no labels.</exception>
    public RecoveryOptions Load() => new()
    {
        Training = Dataset.Load(Data, new DatasetOptions { RequireLabels = !Distill }),
        Steps = Steps,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        MaxGradientNorm = MaxGradientNorm,
        Distill = Distill,
        TeacherShare = TeacherShare,
        Features = Features,
        Augmentation = Augmentation,
    };
}
