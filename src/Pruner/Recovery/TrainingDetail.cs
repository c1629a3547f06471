using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Recovery;

/// <summary>What one training of several has of its own.</summary>
public sealed record TrainingDetail
{
    /// <summary>Changes parameters between steps; null for nobody.</summary>
    public IParameterEditor? Editor { get; init; }

    /// <summary>Penalties on weights; null for none.</summary>
    public Regularizers? Regularizers { get; init; }

    /// <summary>Whose answers are learnt where <see cref="RecoveryOptions.Distill"/> asks for it.</summary>
    public OnnxModel? Teacher { get; init; }

    /// <summary>Initializers to train; all parameters where null.</summary>
    public IReadOnlyList<string>? Parameters { get; init; }

    /// <summary>True to leave BatchNormalization as it is in inference: its statistics stay.</summary>
    public bool FreezeNormalization { get; init; }

    /// <summary>What the learning rate is multiplied by.</summary>
    public double RateFactor { get; init; } = 1;

    public int Seed { get; init; }

    /// <summary>Threads and provider.</summary>
    public SessionSettings Session { get; init; } = SessionSettings.Default;
}
