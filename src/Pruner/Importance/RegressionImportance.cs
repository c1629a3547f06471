using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;

namespace EdgePrune.Pruner.Importance;

/// <summary>Criteria that ask how well the layers that read a unit could do without it.</summary>
public abstract class RegressionImportance : IImportance
{
    public abstract string Name { get; }

    public abstract string Summary { get; }

    public ImportanceNeeds Needs => ImportanceNeeds.Samples;

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        CalibrationData data = context.Samples(this);
        IReadOnlyList<ReadingLayer> layers = ReadingLayer.Observe(context, data);
        double[] scores = new double[context.Coupling.Units.Count];
        Array.Fill(scores, double.NaN);
        foreach (UnitGroup group in context.Coupling.Groups)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            HashSet<int> own = [.. group.Units.Select(u => u.Id)];
            ReadingLayer[] reading = [.. layers.Where(l => l.Units.Any(own.Contains))];
            foreach ((int unit, double score) in reading.Length == 0 ? [] : Score(context, data, group, reading))
            {
                scores[unit] = score;
            }
        }

        return scores;
    }

    /// <summary>Scores of the units of a group.</summary>
    private protected abstract IEnumerable<(int Unit, double Score)> Score(
        ImportanceContext context, CalibrationData data, UnitGroup group, IReadOnlyList<ReadingLayer> layers);
}
