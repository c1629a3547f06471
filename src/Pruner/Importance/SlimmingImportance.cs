using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// The scale of BatchNormalization, |γ| (Liu et al., "Learning Efficient Convolutional Networks through Network Slimming", ICCV 2017).
/// It says most where the network was trained with an L1 penalty on γ. A unit that passes several normalisations has their mean.
/// </summary>
public sealed class SlimmingImportance : IImportance
{
    public string Name => "slimming";

    public string Summary => "scale of BatchNormalization (Network Slimming, ICCV 2017)";

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var weights = new WeightTensors(context.Model);
        double[] scores = SliceScores.Of(context.Coupling, context.Reduction ?? Reduction.Mean, (group, s) =>
        {
            string tensor = group.Slices[s].Tensor;
            return weights.IsScale(tensor) && weights.Values(tensor) is { } scale
                ? [.. group.Units.Select(u => u.Slices[s].Indices.Average(i => Math.Abs(scale[i])))]
                : null;
        });
        return scores.All(double.IsNaN)
            ? throw new InputException($"{context.Model.Source}: no unit passes a BatchNormalization, whose scale the criterion 'slimming' reads; it may be folded into the weights. Take l2 or group-norm")
            : scores;
    }
}
