using System.Numerics.Tensors;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>The mean of |x| of a unit over samples and places (Molchanov et al., "Pruning CNNs for Resource Efficient Inference", ICLR 2017).</summary>
public sealed class MeanActivationImportance : ActivationImportance
{
    public override string Name => "mean-activation";

    public override string Summary => "mean absolute activation (Molchanov et al., ICLR 2017)";

    public override ScoreNormalization Normalization => ScoreNormalization.Mean;

    internal override (IReadOnlyCollection<IActivationObserver> Observers, Func<double[]> Finish) Begin(ImportanceContext context) =>
        Means(context, static (values, _) => (TensorPrimitives.SumOfMagnitudes(values), values.Length));
}
