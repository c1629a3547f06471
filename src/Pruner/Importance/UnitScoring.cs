using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>From a criterion's scores to those that a budget is met by: made comparable, then ranked where asked for.</summary>
public static class UnitScoring
{
    /// <summary>A score for each unit, by id, zero or above. Units that the criterion cannot judge score as the best that it can.</summary>
    /// <param name="context">The model, and how it is executed; what <paramref name="options"/> say goes before what it says.</param>
    /// <param name="options">The criterion, and what becomes of its scores.</param>
    /// <exception cref="InputException">The criterion needs what is not there, or cannot judge this model.</exception>
    public static double[] Score(ImportanceContext context, ScoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        IImportance criterion = ImportanceCriteria.Find(options.Criterion);
        criterion = options.Dropout is { } dropout ? new DropoutImportance(criterion, dropout) : criterion;
        double[] raw = criterion.Score(context with { Data = options.Data ?? context.Data, Reduction = options.Reduction ?? context.Reduction });
        return Finish(context.Coupling, raw, criterion, options);
    }

    /// <summary>What <see cref="Score"/> does with a criterion's scores.</summary>
    /// <exception cref="InputException">The criterion can judge no unit, or a score is infinite.</exception>
    public static double[] Finish(CouplingResult coupling, double[] raw, IImportance criterion, ScoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(raw);
        ArgumentNullException.ThrowIfNull(criterion);
        ArgumentNullException.ThrowIfNull(options);
        if (raw.Any(double.IsInfinity))
        {
            throw new InputException($"the criterion '{criterion.Name}' gives an infinite score: the model's values overflow on these data. Check the model and the preprocessing");
        }

        if (raw.Length > 0 && raw.All(double.IsNaN))
        {
            throw new InputException($"the criterion '{criterion.Name}' can judge no unit of this model; take another, such as l2");
        }

        double[] scores = Normalize(coupling, raw, options.Normalization ?? criterion.Normalization);
        double most = scores.Where(s => !double.IsNaN(s)).DefaultIfEmpty(0).Max();
        scores = Array.ConvertAll(scores, s => double.IsNaN(s) ? most : s);
        return options.Scope switch
        {
            ScoreScope.Layer => Ranked(coupling, scores, group => group.Id.ToString()),
            ScoreScope.Isomorphic => Ranked(coupling, scores, group => Shape(coupling, group)),
            _ => scores,
        };
    }

    /// <summary>Scores divided group by group; NaN stays.</summary>
    public static double[] Normalize(CouplingResult coupling, IReadOnlyList<double> scores, ScoreNormalization normalization)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(scores);
        double[] result = [.. scores];
        foreach (UnitGroup group in normalization == ScoreNormalization.None ? [] : coupling.Groups)
        {
            double[] judged = [.. group.Units.Select(u => scores[u.Id]).Where(s => !double.IsNaN(s))];
            double by = judged.Length == 0 ? 0 : normalization switch
            {
                ScoreNormalization.Mean => judged.Average(),
                ScoreNormalization.Sum => judged.Sum(),
                _ => judged.Max(),
            };
            foreach (Unit unit in group.Units)
            {
                result[unit.Id] = by == 0 ? (double.IsNaN(scores[unit.Id]) ? double.NaN : 0) : scores[unit.Id] / by;
            }
        }

        return result;
    }

    // The middle of its place among those that it competes with, from 0 to 1.
    private static double[] Ranked(CouplingResult coupling, double[] scores, Func<UnitGroup, string> classOf)
    {
        double[] ranks = new double[scores.Length];
        foreach (IGrouping<string, UnitGroup> alike in coupling.Groups.GroupBy(classOf, StringComparer.Ordinal))
        {
            int[] order = [.. alike.SelectMany(g => g.Units).Select(u => u.Id).OrderBy(id => scores[id]).ThenBy(id => id)];
            for (int place = 0; place < order.Length; place++)
            {
                ranks[order[place]] = (place + 0.5) / order.Length;
            }
        }

        return ranks;
    }

    // What kinds of slices go together, whatever their widths.
    private static string Shape(CouplingResult coupling, UnitGroup group)
    {
        IEnumerable<string> Words(UnitSlice slice) => coupling.Context.Index.Consumers(slice.Tensor)
            .Select(n => $"{n.OpType}/{n.Input.IndexOf(slice.Tensor)}/{slice.Axis}/{slice.Role}/{slice.Indices.Count}")
            .DefaultIfEmpty($"{slice.Role}/{slice.Axis}");
        return $"{group.Kind}|{string.Join(';', group.Units[0].Slices.SelectMany(Words).Order(StringComparer.Ordinal))}";
    }
}
