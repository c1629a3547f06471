namespace EdgePrune.Training.Loop;

/// <summary>One epoch of a training.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps done at its end.</param>
/// <param name="LearningRate">Of its last step.</param>
/// <param name="Loss">Mean over its steps, each before its update.</param>
/// <param name="Accuracy">Share of its samples that were answered right before the update of their step, 0 to 1.</param>
/// <param name="ValidationLoss">Cross-entropy on the samples held back; null without any.</param>
/// <param name="ValidationAccuracy">Share of the samples held back that are answered right; null without any.</param>
/// <param name="Seconds">Time that its training steps took.</param>
public sealed record EpochRecord(
    int Epoch, long Step, double LearningRate, double Loss, double Accuracy, double? ValidationLoss, double? ValidationAccuracy, double Seconds);
