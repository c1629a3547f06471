namespace EdgePrune.Training.Loop;

/// <summary>How far a training is, after each step.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">The epoch at work, from 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Loss">Mean of the epoch so far.</param>
/// <param name="Accuracy">Of the epoch so far, 0 to 1.</param>
/// <param name="SamplesPerSecond">Over the last steps; 0 before there is any.</param>
/// <param name="Finished">The epoch that this step finished, or null.</param>
/// <param name="IsBest">Whether that epoch is the best so far.</param>
public readonly record struct TrainingProgress(
    long Step, long Steps, int Epoch, int Epochs, double Loss, double Accuracy, double SamplesPerSecond, EpochRecord? Finished, bool IsBest);
