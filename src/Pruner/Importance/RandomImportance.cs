namespace EdgePrune.Pruner.Importance;

/// <summary>Scores drawn at random: the baseline that every criterion must beat.</summary>
public sealed class RandomImportance : IImportance
{
    public string Name => "random";

    public string Summary => "random scores, the baseline that a criterion must beat";

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var random = new Random(context.Seed);
        return [.. context.Coupling.Units.Select(_ => random.NextDouble())];
    }
}
