namespace EdgePrune.Training.Steps;

/// <summary>What one batch and one probe say of the second derivatives of the loss for each group of slices; w is the weight.</summary>
/// <param name="Loss">The batch's loss.</param>
/// <param name="Diagonal">Σ of estimates of ∂²L/∂w².</param>
/// <param name="Saliency">Σ ½·w²·∂²L/∂w², estimated: what Optimal Brain Damage takes as the rise of the loss when the group is removed.</param>
public sealed record UnitCurvature(double Loss, IReadOnlyList<float> Diagonal, IReadOnlyList<float> Saliency);
