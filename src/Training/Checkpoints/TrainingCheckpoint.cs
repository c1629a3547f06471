using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Checkpoints;

/// <summary>A training as it stood after a step.</summary>
/// <param name="Fingerprint">What the result depends on, by name.</param>
/// <param name="State">Where the loop stood.</param>
/// <param name="Snapshot">Parameters, running statistics and optimiser state.</param>
/// <param name="Best">Parameters and running statistics of the best epoch; empty before there is any.</param>
internal sealed record TrainingCheckpoint(
    IReadOnlyDictionary<string, string> Fingerprint, LoopState State, TrainingSnapshot Snapshot, IReadOnlyDictionary<string, byte[]> Best);
