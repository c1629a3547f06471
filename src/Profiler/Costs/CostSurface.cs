namespace EdgePrune.Profiler.Costs;

/// <summary>
/// The cost of one block as a function of its widths: for each combination of the axes' paths a grid over the ends of the stairs.
/// </summary>
public sealed class CostSurface
{
    // Above this many axes a grid is too large; the widths are then moved together.
    internal const int MaxAxes = 3;
    private readonly PathCombinations combinations;
    private readonly IReadOnlyDictionary<int, CostGrid> grids;

    internal CostSurface(
        IReadOnlyList<int> full, IReadOnlyList<AxisSteps> steps, PathCombinations combinations, IReadOnlyDictionary<int, CostGrid> grids,
        HeldOutError? error, int points)
    {
        FullWidths = full;
        Steps = steps;
        this.combinations = combinations;
        this.grids = grids;
        Error = error;
        Points = points;
    }

    public IReadOnlyList<int> FullWidths { get; }

    internal PathCombinations Combinations => combinations;

    internal IReadOnlyDictionary<int, CostGrid> Grids => grids;

    /// <summary>The staircase of each axis; of the common scale where there are more than three axes.</summary>
    public IReadOnlyList<AxisSteps> Steps { get; }

    /// <summary>Error at widths that were not used to build the surface; null where every width was.</summary>
    public HeldOutError? Error { get; }

    /// <summary>Number of points measured, held-out ones included.</summary>
    public int Points { get; }

    /// <param name="widths">1 to the full width on each axis.</param>
    internal BlockEstimate At(IReadOnlyList<int> widths)
    {
        if (widths.Count != FullWidths.Count)
        {
            throw new ArgumentException($"{widths.Count} widths for a block with {FullWidths.Count} axes", nameof(widths));
        }

        for (int i = 0; i < widths.Count; i++)
        {
            if (widths[i] < 1 || widths[i] > FullWidths[i])
            {
                throw new ArgumentOutOfRangeException(nameof(widths), widths[i], $"axis {i} of the block has 1 to {FullWidths[i]} units");
            }
        }

        int[] at = Reduce(widths, FullWidths);
        int combination = combinations.Of(at);
        return grids.TryGetValue(combination, out CostGrid? grid) ? grid.At(combinations.Tops(combination, at), at) : Unmeasured(at);
    }

    internal static int[] Reduce(IReadOnlyList<int> widths, IReadOnlyList<int> full)
    {
        if (widths.Count <= MaxAxes)
        {
            return [.. widths];
        }

        double share = widths.Zip(full, (w, f) => (double)w / f).Average();
        return [Math.Clamp((int)Math.Round(share * full.Max()), 1, full.Max())];
    }

    // A path that the time did not last to measure promises no saving: its time is that of the full widths.
    private BlockEstimate Unmeasured(int[] at)
    {
        int[] full = FullWidths.Count <= MaxAxes ? [.. FullWidths] : [FullWidths.Max()];
        return grids[0].At(full, at);
    }
}

/// <summary>Relative error of predicted times at held-out widths.</summary>
/// <param name="Median">Median of the absolute relative errors.</param>
/// <param name="Worst">The largest.</param>
/// <param name="Count">Number of held-out points.</param>
public sealed record HeldOutError(double Median, double Worst, int Count)
{
    /// <summary>Half widths of the held-out points' own intervals, median, as a fraction: below it an error says nothing. Null where some were read once only.</summary>
    public double? Noise { get; init; }
}
