namespace EdgePrune.Pruner.Budget;

/// <summary>What a layer, or the network, is predicted to cost.</summary>
/// <param name="Seconds">Time of one execution.</param>
/// <param name="Joules">Energy of one execution, idle power included.</param>
public readonly record struct LayerCost(double Seconds, double Joules)
{
    public static LayerCost operator +(LayerCost a, LayerCost b) => new(a.Seconds + b.Seconds, a.Joules + b.Joules);

    public static LayerCost operator -(LayerCost a, LayerCost b) => new(a.Seconds - b.Seconds, a.Joules - b.Joules);

    public double Of(CostMetric metric) => metric == CostMetric.Energy ? Joules : Seconds;
}

/// <summary>What a budget limits.</summary>
public enum CostMetric
{
    Energy,
    Latency,
}

/// <summary>Units of one group that lie on a width: each kept unit adds <paramref name="Each"/> to it.</summary>
public readonly record struct WidthPart(int Group, int Each);

/// <summary>A width of a layer: what cannot be cut, and what the kept units of groups add.</summary>
public sealed record LayerWidth(int Fixed, IReadOnlyList<WidthPart> Parts)
{
    public int At(IReadOnlyList<int> kept)
    {
        int width = Fixed;
        foreach (WidthPart part in Parts)
        {
            width += part.Each * kept[part.Group];
        }

        return width;
    }
}

/// <summary>The cost of one layer as a function of its widths.</summary>
public sealed class CostTerm(IReadOnlyList<LayerWidth> widths, Func<IReadOnlyList<int>, LayerCost> predict)
{
    private readonly Dictionary<string, LayerCost> known = new(StringComparer.Ordinal);
    private readonly int[] buffer = new int[widths.Count];

    public IReadOnlyList<LayerWidth> Widths => widths;

    /// <summary>Cost where <paramref name="kept"/> units of each group stay.</summary>
    public LayerCost At(IReadOnlyList<int> kept)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = widths[i].At(kept);
        }

        string key = string.Join(',', buffer);
        if (!known.TryGetValue(key, out LayerCost cost))
        {
            known[key] = cost = predict([.. buffer]);
        }

        return cost;
    }
}
