namespace EdgePrune.Training.Steps;

/// <summary>All that a step needs to go on bit for bit: parameters, running statistics, optimiser state, and the number of steps.</summary>
/// <param name="Steps">Steps done.</param>
/// <param name="Tensors">Little-endian values by the variable's name.</param>
public sealed record TrainingSnapshot(long Steps, IReadOnlyDictionary<string, byte[]> Tensors);
