using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Importance;

/// <summary>How far the outputs move when weights are replaced.</summary>
internal static class OutputChange
{
    private const int LargestBatch = 64;

    /// <summary>Σ(y − y₀)² / Σ y₀² over all float outputs, as a mean over batches.</summary>
    /// <param name="context">The model.</param>
    /// <param name="data">The samples.</param>
    /// <param name="samples">How many of them to use.</param>
    /// <param name="weights">Initializers in the place of those of the same name.</param>
    public static double Of(ImportanceContext context, CalibrationData data, int samples, IReadOnlyList<TensorProto> weights)
    {
        OnnxModel changed = context.Model.Clone();
        var own = weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
        for (int i = 0; i < changed.Graph.Initializer.Count; i++)
        {
            if (own.TryGetValue(changed.Graph.Initializer[i].Name, out TensorProto? tensor))
            {
                changed.Graph.Initializer[i] = tensor;
            }
        }

        var loss = new OutputLoss(context.Model);
        using ModelSession was = ModelSession.Create(context.Model, context.Session);
        using ModelSession now = ModelSession.Create(changed, context.Session);
        double sum = 0;
        int batches = 0;
        foreach (DatasetBatch batch in new CalibrationData(data.Samples, samples).Batches(was.Inputs, LargestBatch))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using NamedValues before = was.Run(batch.Values);
            using NamedValues after = now.Run(batch.Values);
            sum += loss.Of(after, before, null, was.OutputNames);
            batches++;
        }

        return sum / Math.Max(1, batches);
    }
}
