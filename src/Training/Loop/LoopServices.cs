namespace EdgePrune.Training.Loop;

/// <summary>What a loop uses of its surroundings; none of it changes the result.</summary>
public sealed record LoopServices
{
    /// <summary>Where checkpoints go, or null for none.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>Time between two checkpoints. One more is written when the training is cancelled, and one when it is done.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Told after every step.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
