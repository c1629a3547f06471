namespace EdgePrune.Training.Steps;

/// <summary>Slices that belong together: what the pruner removes as one unit.</summary>
public sealed record SliceGroup(IReadOnlyList<TensorSlice> Slices);
