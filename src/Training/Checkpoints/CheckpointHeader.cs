using EdgePrune.Training.Loop;

namespace EdgePrune.Training.Checkpoints;

/// <summary>What stands before the tensors in a checkpoint file, as JSON.</summary>
internal sealed record CheckpointHeader(SortedDictionary<string, string> Fingerprint, LoopState State, long Steps, List<CheckpointTensor> Tensors);

/// <summary>One tensor of a checkpoint file; the tensors' bytes follow one another in the header's order.</summary>
/// <param name="Name">The variable's name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="IsBest">Whether it is of the best epoch, and not of the present state.</param>
internal sealed record CheckpointTensor(string Name, long Bytes, bool IsBest);
