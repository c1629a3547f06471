namespace EdgePrune.Profiler.Costs;

/// <summary>
/// The cost of one block as a function of its widths: for each combination of paths (aligned or not, on each axis) a grid over
/// the tops of the stairs.
/// </summary>
public sealed class CostSurface
{
    // Above this many axes a grid is too large; the widths are then moved together.
    internal const int MaxAxes = 3;
    private readonly IReadOnlyDictionary<int, CostGrid> grids;

    internal CostSurface(IReadOnlyList<int> full, IReadOnlyList<AxisSteps> steps, IReadOnlyDictionary<int, CostGrid> grids, HeldOutError? error, int points)
    {
        FullWidths = full;
        Steps = steps;
        this.grids = grids;
        Error = error;
        Points = points;
    }

    public IReadOnlyList<int> FullWidths { get; }

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
        int mask = Mask(at, Steps);
        AxisSteps[] path = AxisSteps.OnPath(Steps, mask);
        int[] tops = [.. at.Select((w, a) => path[a].Top(w))];
        return grids.TryGetValue(mask, out CostGrid? grid) ? grid.At(tops, at) : Unmeasured(at);
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

    /// <summary>Bit a is set where axis a is not aligned.</summary>
    internal static int Mask(IReadOnlyList<int> widths, IReadOnlyList<AxisSteps> steps)
    {
        int mask = 0;
        for (int a = 0; a < widths.Count; a++)
        {
            mask |= steps[a].IsAligned(widths[a]) ? 0 : 1 << a;
        }

        return mask;
    }

    // A path that the time did not last to measure promises no saving: its time is that of the full widths.
    private BlockEstimate Unmeasured(int[] at)
    {
        int[] full = FullWidths.Count <= MaxAxes ? [.. FullWidths] : [FullWidths.Max()];
        CostGrid grid = grids.TryGetValue(Mask(full, Steps), out CostGrid? own) ? own : grids.Values.First();
        return grid.At(full, at);
    }
}

/// <summary>Relative error of predicted times at held-out widths.</summary>
/// <param name="Median">Median of the absolute relative errors.</param>
/// <param name="Worst">The largest.</param>
/// <param name="Count">Number of held-out points.</param>
public sealed record HeldOutError(double Median, double Worst, int Count);
