using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// A criterion that tries: it changes the gates of units, runs the samples again, and looks at what comes out. The time is that of one
/// pass a unit, so that it takes few samples.
/// </summary>
public abstract class GatedImportance : IImportance
{
    private const int LargestBatch = 64;

    public abstract string Name { get; }

    public abstract string Summary { get; }

    public ImportanceNeeds Needs => ImportanceNeeds.Samples;

    public virtual double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Measure(context, [.. context.Coupling.Units.Select(u => new[] { u.Id })]);
    }

    /// <summary>Which slices the gate of a unit multiplies.</summary>
    private protected virtual IEnumerable<UnitSlice> Gated(Unit unit) => GatedModel.Masked(unit);

    /// <summary>What the gates of changed units are set to.</summary>
    private protected virtual float Gate => 0;

    /// <summary>Values to look at besides the outputs.</summary>
    private protected virtual IReadOnlyList<string> Values(ImportanceContext context) => [];

    /// <summary>What a batch says of a change, as a sum over its samples.</summary>
    private protected abstract double Compare(
        ImportanceContext context, int[] units, NamedValues changed, NamedValues unchanged, DatasetBatch batch);

    /// <summary>The mean over all samples of what each choice of units changes.</summary>
    private protected double[] Measure(ImportanceContext context, IReadOnlyList<int[]> choices)
    {
        CalibrationData data = context.Samples(this);
        double[] sums = new double[choices.Count];
        int samples = 0;
        using var gated = new GatedModel(context.Model, context.Coupling, Gated, Values(context), context.Session);
        foreach (DatasetBatch batch in data.Batches(gated.Inputs, LargestBatch))
        {
            using NamedValues unchanged = gated.Run(batch.Values, []);
            for (int c = 0; c < choices.Count; c++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                using NamedValues changed = gated.Run(batch.Values, choices[c], Gate);
                sums[c] += Compare(context, choices[c], changed, unchanged, batch);
            }

            samples += batch.Count;
        }

        return Array.ConvertAll(sums, s => s / samples);
    }
}
