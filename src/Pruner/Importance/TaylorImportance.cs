using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// First-order Taylor expansion of the loss in the weights, Σ |g·w| over the unit's weights (Molchanov et al., "Importance Estimation for
/// Neural Network Pruning", CVPR 2019, in the form of absolute values), g the gradient over all samples.
/// </summary>
public sealed class TaylorImportance : GradientImportance
{
    public override string Name => "taylor";

    public override string Summary => "first-order Taylor expansion in the weights, Σ|g·w| (Molchanov et al., CVPR 2019)";

    public override IReadOnlyDictionary<string, float[]> Elements(ImportanceContext context, IReadOnlyList<string> tensors) =>
        WeightProducts.Of(context, GradientPass.Mean(context, this, tensors), (w, g) => Math.Abs(w * g));
}
