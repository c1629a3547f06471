namespace EdgePrune.Pruner.Importance;

/// <summary>Products of weights with what belongs to them.</summary>
internal static class WeightProducts
{
    /// <summary>f(weight, value) for each weight of each tensor that has values.</summary>
    public static Dictionary<string, float[]> Of(ImportanceContext context, IReadOnlyDictionary<string, double[]> values, Func<double, double, double> of)
    {
        var weights = new WeightTensors(context.Model);
        return values.ToDictionary(
            v => v.Key,
            v => weights.Values(v.Key)!.Select((w, i) => (float)of(w, v.Value[i])).ToArray(),
            StringComparer.Ordinal);
    }
}
