using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Optimal Brain Damage, Σ ½·h·w² with the diagonal of the Hessian (LeCun, Denker and Solla, NIPS 1990), estimated by Hutchinson's method
/// over four probes of random signs a batch. Estimates below zero, where the loss is curved downwards, count as zero.
/// </summary>
public sealed class BrainDamageImportance : IImportance
{
    private const int Batch = 64;
    private const int Probes = 4;

    public string Name => "obd";

    public string Summary => "second-order saliency ½·h·w² with the Hessian's diagonal (Optimal Brain Damage, 1990)";

    public ImportanceNeeds Needs => ImportanceNeeds.Gradients;

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        HashSet<string> tensors = [.. GradientImportance.Tensors(context)];
        var weights = new WeightTensors(context.Model);
        SliceGroup[] groups = GradientImportance.Groups(context, tensors, weights.Counts);
        double[] scores = new double[groups.Length];
        int probe = context.Seed * 7919;
        int batches = GradientPass.Each(
            context,
            this,
            Batch,
            options => CurvatureEvaluator.Create(context.Model, groups, options, context.Session),
            (evaluator, values) =>
            {
                for (int p = 0; p < Probes; p++)
                {
                    IReadOnlyList<float> saliency = evaluator.Evaluate(values, probe++).Saliency;
                    for (int u = 0; u < scores.Length; u++)
                    {
                        scores[u] += saliency[u];
                    }
                }
            });
        return [.. scores.Select((s, u) => groups[u].Slices.Count == 0 ? double.NaN : Math.Max(0, s / (batches * Probes)))];
    }
}
