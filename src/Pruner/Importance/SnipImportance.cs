using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Connection sensitivity |g·w| / Σ|g·w| over all weights of the network (Lee et al., "SNIP", ICLR 2019). For trained networks it ranks as
/// <c>taylor</c> does; the scores are shares of the whole.
/// </summary>
public sealed class SnipImportance : GradientImportance
{
    public override string Name => "snip";

    public override string Summary => "connection sensitivity, |g·w| as a share of the whole (SNIP, ICLR 2019)";

    public override IReadOnlyDictionary<string, float[]> Elements(ImportanceContext context, IReadOnlyList<string> tensors)
    {
        Dictionary<string, float[]> products = WeightProducts.Of(context, GradientPass.Mean(context, this, tensors), (w, g) => Math.Abs(w * g));
        double sum = products.Values.Sum(p => p.Sum(v => (double)v));
        return sum == 0 ? products : products.ToDictionary(p => p.Key, p => Array.ConvertAll(p.Value, v => (float)(v / sum)), StringComparer.Ordinal);
    }
}
