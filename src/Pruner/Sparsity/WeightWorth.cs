using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Importance;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>The worth of every weight of some layers, by tensor, row-major.</summary>
internal static class WeightWorth
{
    public static IReadOnlyDictionary<string, float[]> Of(ImportanceContext context, IReadOnlyList<LinearLayer> layers, SparsityMethod method)
    {
        var weights = new WeightTensors(context.Model);
        string[] tensors = [.. layers.Select(l => l.Weights).Distinct(StringComparer.Ordinal)];
        return method switch
        {
            SparsityMethod.WeightGradient => new TaylorImportance().Elements(context, tensors),
            SparsityMethod.Gradient => new GradientMagnitudeImportance().Elements(context, tensors),
            SparsityMethod.Wanda => Wanda(context),
            SparsityMethod.Lamp => tensors.ToDictionary(t => t, t => Lamp(weights.Values(t)!), StringComparer.Ordinal),
            _ => tensors.ToDictionary(t => t, t => Array.ConvertAll(weights.Values(t)!, Math.Abs), StringComparer.Ordinal),
        };
    }

    /// <summary>w² over the sum of it and all larger squares of the tensor.</summary>
    internal static float[] Lamp(float[] weights)
    {
        double[] scores = LampImportance.Of(Array.ConvertAll(weights, w => (double)w * w));
        return Array.ConvertAll(scores, s => (float)s);
    }

    private static IReadOnlyDictionary<string, float[]> Wanda(ImportanceContext context)
    {
        CalibrationData data = context.Samples(new WandaImportance());
        (IReadOnlyCollection<IActivationObserver> observers, Func<IReadOnlyDictionary<string, float[]>> finish) = WandaImportance.Watch(context);
        ActivationPass.Run(context.Model, context.Coupling.Context.Shapes, data, observers, context.Session, context.Cancellation);
        return finish();
    }
}
