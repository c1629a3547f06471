using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data.Augmentation;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;

namespace EdgePrune.Training.Loop;

/// <summary>How a model is to be trained.</summary>
public sealed record TrainingPlan
{
    public int Epochs { get; init; } = 30;

    /// <summary>Samples a step; fewer where the data has fewer.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>The highest learning rate of the schedule.</summary>
    public double LearningRate { get; init; } = 0.05;

    public LearningRateSchedule Schedule { get; init; } = new();

    public Optimizer Optimizer { get; init; } = new Sgd { Nesterov = true, WeightDecay = 5e-4, DecayVectors = false };

    /// <summary>Gradients whose common norm is larger are scaled to it; null for no limit.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>Share of each label that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>True to give each class the weight N / (C·n): rare classes count as much as common ones.</summary>
    public bool BalancedClasses { get; init; }

    public Teacher? Teacher { get; init; }

    public Regularizers Regularizers { get; init; } = new();

    /// <summary>True to leave BatchNormalization as it is in inference.</summary>
    public bool FreezeNormalization { get; init; }

    /// <summary>Initializers to train; all parameters where null.</summary>
    public IReadOnlyList<string>? Parameters { get; init; }

    /// <summary>Random changes to the training samples.</summary>
    public AugmentationPlan Augmentation { get; init; } = new();

    /// <summary>Epochs without a better validation after which training ends; null to do all epochs.</summary>
    public int? Patience { get; init; }

    /// <summary>Steps after which training ends, wherever in an epoch; null to end with the last epoch. At most those of all epochs.</summary>
    public long? Steps { get; init; }

    /// <summary>Changes parameters between steps, as masks do; null for nobody. Such a training writes no checkpoints.</summary>
    public IParameterEditor? Editor { get; init; }

    /// <summary>Seed of order, augmentation and dropout.</summary>
    public int Seed { get; init; }

    /// <summary>Threads and provider of the runtime. Equal bytes come of equal threads.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;
}
