using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>Σ |g| over the unit's weights: how steeply the loss depends on them, whatever their size.</summary>
public sealed class GradientMagnitudeImportance : GradientImportance
{
    public override string Name => "gradient";

    public override string Summary => "magnitude of the gradient, Σ|g|";

    public override IReadOnlyDictionary<string, float[]> Elements(ImportanceContext context, IReadOnlyList<string> tensors) =>
        WeightProducts.Of(context, GradientPass.Mean(context, this, tensors), (_, g) => Math.Abs(g));
}
