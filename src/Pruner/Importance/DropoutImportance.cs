using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Schedules;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Dropout-assisted scoring: a criterion's scores averaged over random masks of units (the masks of Srivastava et al., "Dropout", JMLR 2014,
/// drawn where the model is looked at as Gal and Ghahramani do, ICML 2016). In each round every unit is masked with some chance, and the others
/// are scored in what is left: a unit that only matters where others fail it is told from one that never does. A unit's score is the mean
/// over the rounds in which it was not masked.
/// </summary>
/// <param name="criterion">What scores each round.</param>
/// <param name="dropout">How many units are masked, and how often.</param>
public sealed class DropoutImportance(IImportance criterion, ScoreDropout dropout) : IImportance
{
    public string Name => $"{criterion.Name} under dropout";

    public string Summary => $"{criterion.Summary}, averaged over random masks of units";

    public ImportanceNeeds Needs => criterion.Needs;

    public ScoreNormalization Normalization => criterion.Normalization;

    public double[] Score(ImportanceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (criterion.Needs == ImportanceNeeds.Weights)
        {
            throw new InputException($"the criterion '{criterion.Name}' looks at weights alone, which no dropout changes; take one that looks at samples, such as taylor or wanda, or leave the dropout out");
        }

        int count = context.Coupling.Units.Count;
        (double[] sums, int[] rounds) = (new double[count], new int[count]);
        var weights = new WeightTensors(context.Model);
        HashSet<string> tensors = [.. context.Coupling.Units.SelectMany(u => u.Slices)
            .Where(s => s.Role is SliceRole.Output or SliceRole.Input).Select(s => s.Tensor).Distinct(StringComparer.Ordinal).Where(t => weights.Values(t) is not null)];
        var elements = new MaskElements(context.Coupling, tensors);
        foreach (bool[] masked in Masks(context.Coupling, context.Seed))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Dictionary<string, bool[]> zeros = elements.Of(Enumerable.Range(0, count).Where(u => masked[u]), MaskElements.All);
            OnnxModel dropped = BatchGradients.With(
                context.Model, zeros.ToDictionary(z => z.Key, z => weights.Values(z.Key)!.Select((w, i) => z.Value[i] ? 0 : w).ToArray(), StringComparer.Ordinal));
            double[] scores = criterion.Score(context with { Model = dropped });
            for (int u = 0; u < count; u++)
            {
                if (!masked[u] && !double.IsNaN(scores[u]))
                {
                    sums[u] += scores[u];
                    rounds[u]++;
                }
            }
        }

        return [.. sums.Select((s, u) => rounds[u] == 0 ? double.NaN : s / rounds[u])];
    }

    /// <summary>The units that are masked in each round, by id. Each group keeps one unit in each round, and each unit is kept in one.</summary>
    internal IEnumerable<bool[]> Masks(CouplingResult coupling, int seed)
    {
        var random = new Random(seed);
        bool[] seen = new bool[coupling.Units.Count];
        for (int round = 0; round < dropout.Rounds; round++)
        {
            bool[] masked = [.. coupling.Units.Select(_ => random.NextDouble() < dropout.Share)];
            foreach (UnitGroup group in coupling.Groups.Where(g => g.Units.All(u => masked[u.Id])))
            {
                masked[group.Units[random.Next(group.Units.Count)].Id] = false;
            }

            for (int u = 0; u < masked.Length; u++)
            {
                masked[u] &= round < dropout.Rounds - 1 || seen[u];
                seen[u] |= !masked[u];
            }

            yield return masked;
        }
    }
}
