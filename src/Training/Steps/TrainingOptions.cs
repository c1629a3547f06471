using EdgePrune.Training.Steps.Losses;
using EdgePrune.Training.Steps.Optimizers;

namespace EdgePrune.Training.Steps;

/// <summary>What a training step computes.</summary>
public sealed record TrainingOptions
{
    /// <summary>Samples a step; the graph is made for this number.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Shapes of inputs whose other dimensions the model leaves free, batch included; the batch replaces the first dimension.</summary>
    public IReadOnlyDictionary<string, long[]>? InputShapes { get; init; }

    /// <summary>The output that losses judge; the first where null.</summary>
    public string? Output { get; init; }

    /// <summary>The losses; their weighted sum is made small.</summary>
    public IReadOnlyList<ILoss> Losses { get; init; } = [new CrossEntropy()];

    public Regularizers Regularizers { get; init; } = new();

    public Optimizer Optimizer { get; init; } = new Sgd();

    /// <summary>Gradients whose common norm is larger are scaled to it, as PyTorch's clip_grad_norm_; null for no limit.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>True to keep BatchNormalization in its inference form: running statistics are used, and stay.</summary>
    public bool FreezeNormalization { get; init; }

    /// <summary>Share of the batch's statistics in the new running ones.</summary>
    public double NormalizationMomentum { get; init; } = 0.1;

    /// <summary>True to let Dropout drop, as in training; false to leave it the identity that it is in inference.</summary>
    public bool Dropout { get; init; } = true;

    /// <summary>Seed of what Dropout drops: equal seeds drop alike at equal steps.</summary>
    public int Seed { get; init; }

    /// <summary>True to use the runtime's own blocked convolutions where the processor has them; the step graph then fits only that kind of processor.</summary>
    public bool BlockedKernels { get; init; } = true;

    /// <summary>True to write BatchNormalization in training out of operators that can be differentiated once more, which is slower.</summary>
    internal bool ElementaryNormalization { get; init; }

    /// <summary>Names of the initializers to train; where null, all weights, biases and scales that reach a loss.</summary>
    public IReadOnlyList<string>? Parameters { get; init; }
}
