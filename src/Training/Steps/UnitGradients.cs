namespace EdgePrune.Training.Steps;

/// <summary>What one batch says of each group of slices; g is the gradient of the batch's mean loss, w the weight.</summary>
/// <param name="Loss">The batch's loss.</param>
/// <param name="Signed">Σ g·w: the first-order change of the loss when the group is removed, with the sign changed.</param>
/// <param name="Absolute">Σ |g·w|.</param>
/// <param name="Squared">Σ (g·w)².</param>
/// <param name="Fisher">Σ g², the diagonal of the empirical Fisher information where a batch is one sample.</param>
public sealed record UnitGradients(
    double Loss, IReadOnlyList<float> Signed, IReadOnlyList<float> Absolute, IReadOnlyList<float> Squared, IReadOnlyList<float> Fisher);
