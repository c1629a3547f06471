using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// A criterion that reads what units do on samples, forward only. Several share one pass over the samples; see
/// <see cref="ImportanceRun"/>.
/// </summary>
public abstract class ActivationImportance : IImportance
{
    public abstract string Name { get; }

    public abstract string Summary { get; }

    public ImportanceNeeds Needs => ImportanceNeeds.Samples;

    public virtual ScoreNormalization Normalization => ScoreNormalization.None;

    public double[] Score(ImportanceContext context) => ImportanceRun.Score([this], context)[0];

    /// <summary>What looks at the values in the pass, and what makes scores of it afterwards.</summary>
    internal abstract (IReadOnlyCollection<IActivationObserver> Observers, Func<double[]> Finish) Begin(ImportanceContext context);

    /// <summary>Observers that take a mean over what each unit does wherever it stands.</summary>
    private protected (IReadOnlyCollection<IActivationObserver> Observers, Func<double[]> Finish) Means(
        ImportanceContext context, UnitStatistic.Measure measure, Func<UnitSite, bool>? where = null)
    {
        CouplingResult coupling = context.Coupling;
        UnitStatistic[] statistics = [.. UnitSite.Of(coupling).Where(where ?? (_ => true)).Select(s => new UnitStatistic(s, measure))];
        return statistics.Length > 0
            ? (statistics, () => UnitStatistic.Means(coupling, statistics))
            : throw new InputException($"{context.Model.Source}: no unit stands in a value that the criterion '{Name}' can read; take another, such as l2");
    }
}
