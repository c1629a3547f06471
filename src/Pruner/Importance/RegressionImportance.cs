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
        Func<UnitGroup, IReadOnlyList<ReadingLayer>, IEnumerable<(int Unit, double Score)>> score = Scorer(context, data);
        foreach (UnitGroup group in context.Coupling.Groups)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            HashSet<int> units = [.. group.Units.Select(u => u.Id)];
            ReadingLayer[] reading = [.. layers.Where(l => l.Units.Any(units.Contains))];
            foreach ((int unit, double own) in reading.Length == 0 ? [] : score(group, reading))
            {
                scores[unit] = own;
            }
        }

        return scores;
    }

    /// <summary>What scores the units of one group after the other.</summary>
    private protected abstract Func<UnitGroup, IReadOnlyList<ReadingLayer>, IEnumerable<(int Unit, double Score)>> Scorer(ImportanceContext context, CalibrationData data);
}
