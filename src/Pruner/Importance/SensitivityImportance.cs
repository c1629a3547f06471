using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Measured sensitivity: how much the loss rises when the unit is masked to zero. With labels it is the mean cross-entropy, without the
/// squared change of the outputs relative to their size. A unit whose loss makes the network better scores zero.
/// </summary>
public sealed class SensitivityImportance : GatedImportance
{
    public override string Name => "sensitivity";

    public override string Summary => "rise of the loss when the unit is masked, measured";

    public override double[] Score(ImportanceContext context) => Array.ConvertAll(base.Score(context), s => Math.Max(0, s));

    private protected override double Compare(ImportanceContext context, int[] units, NamedValues changed, NamedValues unchanged, DatasetBatch batch) =>
        Rise(context, changed, unchanged, batch);

    /// <summary>What the change adds to the loss of a batch.</summary>
    internal static double Rise(ImportanceContext context, NamedValues changed, NamedValues unchanged, DatasetBatch batch)
    {
        var loss = new OutputLoss(context.Model);
        IEnumerable<string> outputs = context.Model.Graph.Output.Select(o => o.Name);
        return batch.Labels is null
            ? loss.Of(changed, unchanged, null, outputs) * batch.Count
            : loss.Of(changed, unchanged, batch.Labels, outputs) - loss.Of(unchanged, unchanged, batch.Labels, outputs);
    }
}
