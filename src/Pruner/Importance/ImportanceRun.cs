using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>Several criteria at once: those that look at activations share one pass over the samples.</summary>
public static class ImportanceRun
{
    /// <summary>The scores of each criterion, as <see cref="IImportance.Score"/> gives them.</summary>
    /// <exception cref="InputException">A criterion needs data that are not there, or can judge no unit of this model.</exception>
    public static IReadOnlyList<double[]> Score(IReadOnlyList<IImportance> criteria, ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(criteria);
        ArgumentNullException.ThrowIfNull(context);
        double[]?[] scores = new double[]?[criteria.Count];
        var finish = new Dictionary<int, Func<double[]>>();
        var observers = new List<IActivationObserver>();
        CalibrationData? data = null;
        for (int i = 0; i < criteria.Count; i++)
        {
            if (criteria[i] is ActivationImportance watching)
            {
                data = context.Samples(watching);
                (IReadOnlyCollection<IActivationObserver> own, finish[i]) = watching.Begin(context);
                observers.AddRange(own);
            }
            else
            {
                scores[i] = criteria[i].Score(context);
            }
        }

        if (data is not null)
        {
            ActivationPass.Run(context.Model, context.Coupling.Context.Shapes, data, observers, context.Session, context.Cancellation);
        }

        return [.. scores.Select((s, i) => s ?? finish[i]())];
    }
}
