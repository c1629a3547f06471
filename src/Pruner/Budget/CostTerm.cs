namespace EdgePrune.Pruner.Budget;

/// <summary>What a part of the network is predicted to cost.</summary>
/// <param name="Seconds">Time of one execution.</param>
/// <param name="Joules">Energy of one execution, idle power included.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Bytes">Bytes of parameters, or of a value between layers.</param>
public readonly record struct LayerCost(double Seconds, double Joules, double Macs = 0, double Bytes = 0)
{
    public static LayerCost operator +(LayerCost a, LayerCost b) => new(a.Seconds + b.Seconds, a.Joules + b.Joules, a.Macs + b.Macs, a.Bytes + b.Bytes);

    public static LayerCost operator -(LayerCost a, LayerCost b) => new(a.Seconds - b.Seconds, a.Joules - b.Joules, a.Macs - b.Macs, a.Bytes - b.Bytes);

    public double Of(CostMetric metric) => metric switch
    {
        CostMetric.Energy => Joules,
        CostMetric.Latency => Seconds,
        CostMetric.Macs => Macs,
        _ => Bytes,
    };
}

/// <summary>Units of one group that lie on a width: each kept unit adds <paramref name="Each"/> to it.</summary>
public readonly record struct WidthPart(int Group, int Each);

/// <summary>A width of a layer: what cannot be cut, and what the kept units of groups add.</summary>
public sealed record LayerWidth(int Fixed, IReadOnlyList<WidthPart> Parts)
{
    public int At(IReadOnlyList<int> kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        int width = Fixed;
        foreach (WidthPart part in Parts)
        {
            width += part.Each * kept[part.Group];
        }

        return width;
    }
}

/// <summary>The cost of one part of the network as a function of its widths.</summary>
public sealed class CostTerm
{
    private readonly int[] buffer;
    private readonly WidthCosts costs;

    /// <param name="widths">Its widths; none for a part that always costs the same.</param>
    /// <param name="predict">Its cost at some widths; asked once for each.</param>
    public CostTerm(IReadOnlyList<LayerWidth> widths, Func<IReadOnlyList<int>, LayerCost> predict)
        : this(widths, new WidthCosts(predict))
    {
    }

    /// <param name="widths">Its widths.</param>
    /// <param name="costs">Its cost at some widths; parts of one kind share it.</param>
    internal CostTerm(IReadOnlyList<LayerWidth> widths, WidthCosts costs)
    {
        ArgumentNullException.ThrowIfNull(widths);
        Widths = widths;
        this.costs = costs;
        buffer = new int[widths.Count];
        Groups = [.. widths.SelectMany(w => w.Parts).Select(p => p.Group).Distinct().Order()];
    }

    public IReadOnlyList<LayerWidth> Widths { get; }

    /// <summary>Groups whose units lie on its widths.</summary>
    public IReadOnlyList<int> Groups { get; }

    /// <summary>Cost where <paramref name="kept"/> units of each group stay.</summary>
    public LayerCost At(IReadOnlyList<int> kept)
    {
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = Widths[i].At(kept);
        }

        return costs.At(buffer);
    }

    /// <summary>Cost at given widths, in the order of <see cref="Widths"/>.</summary>
    public LayerCost AtWidths(IReadOnlyList<int> widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        return costs.At([.. widths]);
    }
}
