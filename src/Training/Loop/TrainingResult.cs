using EdgePrune.Onnx;

namespace EdgePrune.Training.Loop;

/// <summary>What a training came to.</summary>
/// <param name="Model">The model of the best epoch; of the last where nothing was held back to judge by.</param>
/// <param name="Best">The epoch that it is of.</param>
/// <param name="Curve">All epochs.</param>
/// <param name="StoppedEarly">Whether patience ran out before the epochs did.</param>
/// <param name="Parameters">Elements of all trained tensors.</param>
/// <param name="Seconds">Time of all training steps.</param>
/// <param name="SamplesPerSecond">Over all training steps.</param>
public sealed record TrainingResult(
    OnnxModel Model, EpochRecord Best, IReadOnlyList<EpochRecord> Curve, bool StoppedEarly, long Parameters, double Seconds, double SamplesPerSecond);
