using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Decides at which widths a block is measured: first the staircase of each axis, then a coarse grid for each path, then more
/// lines where interpolation misses, last held-out widths for the error. Every point goes through <c>measure</c>, which may
/// answer from a store; so a sweep that was cut off repeats its decisions and goes on.
/// </summary>
internal sealed class AdaptiveSweep
{
    private const double Noise = 0.015;
    private const int MaxRefinements = 12;
    private static readonly double[] MainFractions = [1, 0.75, 0.5, 0.25, 0];
    private static readonly double[] SideFractions = [1, 0.5, 0];
    // Offsets from a multiple of 32: at, just above and between the multiples of 4, 8, 16 and 32.
    private static readonly int[] Offsets = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 20, 21, 24, 25, 28, 31, 32];

    private readonly IReadOnlyList<int> full;
    private readonly IReadOnlyList<int> candidates;
    private readonly SweepOptions options;
    private readonly Func<int[], BlockMeasurement> measure;
    private readonly Func<bool> timeIsUp;
    private readonly Dictionary<string, BlockMeasurement> points = [];
    private readonly Dictionary<int, int[][]> knots = [];
    private readonly Dictionary<int, CostGrid> grids = [];

    /// <param name="full">Full widths, at least one; see <see cref="CostSurface.Reduce"/> for many axes.</param>
    /// <param name="measure">Measures, or answers from a store.</param>
    /// <param name="timeIsUp">True when only what is necessary may still be measured.</param>
    public AdaptiveSweep(IReadOnlyList<int> full, SweepOptions options, Func<int[], BlockMeasurement> measure, Func<bool> timeIsUp)
    {
        bool together = full.Count > CostSurface.MaxAxes;
        this.full = together ? [full.Max()] : full;
        this.options = options;
        this.measure = together ? at => measure(Spread(at[0], full)) : measure;
        this.timeIsUp = timeIsUp;
        candidates = options.Device.Alignment;
        RealWidths = full;
    }

    private IReadOnlyList<int> RealWidths { get; }

    public CostSurface Run()
    {
        AxisSteps[] steps = [.. Enumerable.Range(0, full.Count).Select(FindSteps)];
        int paths = 1 << full.Count;
        for (int mask = 0; mask < paths; mask++)
        {
            double[] fractions = mask == 0 && full.Count < CostSurface.MaxAxes ? MainFractions : SideFractions;
            AxisSteps[] path = AxisSteps.OnPath(steps, mask);
            int[][] axes = [.. full.Select((_, a) => Knots(path[a], (mask >> a & 1) == 0, fractions))];
            if (axes.All(a => a.Length > 0) && (grids.Count == 0 || !timeIsUp()))
            {
                knots[mask] = axes;
                grids[mask] = new CostGrid(axes, At, Noise * 2);
            }
        }

        for (int i = 0; i < MaxRefinements && !timeIsUp() && TryRefine(steps); i++)
        {
        }

        HeldOutError? error = HoldOut(steps);
        return new CostSurface(RealWidths, steps, grids, error, points.Count);
    }

    private BlockMeasurement At(int[] widths)
    {
        string key = string.Join(',', widths);
        return points.TryGetValue(key, out BlockMeasurement? known) ? known : points[key] = measure(widths);
    }

    private static int[] Spread(int scale, IReadOnlyList<int> full) =>
        [.. full.Select(f => Math.Clamp((int)Math.Round((double)scale * f / full.Max()), 1, f))];

    private AxisSteps FindSteps(int axis)
    {
        int width = full[axis];
        // Half way down, so that stairs of the full width's own neighbourhood do not hide those of the rest.
        int start = Math.Max(0, (width / 2 / 32 * 32) - (width < 64 ? 32 : 0));
        int[] widths = [.. Offsets.Select(o => start + o).Where(w => w >= 1 && w <= width)];
        if (widths.Length < 6)
        {
            return new AxisSteps(width, 1, 1, 1);
        }

        if (timeIsUp())
        {
            // Not looked at: only multiples of the largest step that the hardware is suspected of are taken to be cheap. A width
            // between them can cost many times as much (a depthwise convolution that leaves the blocked layout), so nothing is
            // promised for it; see CostSurface.
            int largest = candidates.Where(c => c < width).DefaultIfEmpty(1).Max();
            return new AxisSteps(width, largest, largest, 1);
        }

        var samples = new SortedDictionary<int, double>();
        foreach (int w in widths)
        {
            int[] at = [.. full];
            at[axis] = w;
            samples[w] = At(at).Time.Median;
        }

        return AxisSteps.Find(width, samples, candidates, Noise);
    }

    // Tops of stairs nearest to the fractions of the full width, on one path; empty where the axis has no width on it.
    private static int[] Knots(AxisSteps steps, bool aligned, double[] fractions)
    {
        int[] path = [.. Enumerable.Range(1, steps.Full).Where(w => steps.IsAligned(w) == aligned)];
        if (path.Length == 0)
        {
            return [];
        }

        IEnumerable<int> spread = fractions.Select(f => steps.Top(path.MinBy(w => Math.Abs(w - (f * steps.Full)))));
        // The end of the first stair, below which the widths are interpolated.
        int first = path.LastOrDefault(w => w <= (aligned ? steps.Step : steps.UnalignedStep), path[0]);
        return [.. spread.Append(first).Distinct().Order()];
    }

    // Looks at the middle of each cell's edges and puts a knot where the prediction is worst; false where all are good enough.
    private bool TryRefine(AxisSteps[] steps)
    {
        (double Excess, int Mask, int Axis, int Width) worst = default;
        foreach ((int mask, int[][] axes) in knots)
        {
            AxisSteps[] path = AxisSteps.OnPath(steps, mask);
            for (int axis = 0; axis < axes.Length; axis++)
            {
                for (int k = 0; k + 1 < axes[axis].Length && !timeIsUp(); k++)
                {
                    int middle = Middle(path[axis], axes[axis][k], axes[axis][k + 1], (mask >> axis & 1) == 0);
                    if (middle == 0)
                    {
                        continue;
                    }

                    int[] at = [.. axes.Select(a => a[^1])];
                    at[axis] = middle;
                    double excess = Excess(grids[mask].At(at, at).Time, At(at).Time.Median);
                    if (excess > worst.Excess)
                    {
                        worst = (excess, mask, axis, middle);
                    }
                }
            }
        }

        if (worst.Excess <= 0 || timeIsUp())
        {
            return false;
        }

        int[][] refined = [.. knots[worst.Mask]];
        refined[worst.Axis] = [.. refined[worst.Axis].Append(worst.Width).Order()];
        knots[worst.Mask] = refined;
        grids[worst.Mask] = new CostGrid(refined, At, Noise * 2);
        return true;
    }

    private static int Middle(AxisSteps steps, int low, int high, bool aligned)
    {
        int target = (low + high) / 2;
        int width = Enumerable.Range(low + 1, Math.Max(0, high - low - 1))
            .Where(w => steps.IsAligned(w) == aligned && steps.Top(w) < high && steps.Top(w) > low)
            .DefaultIfEmpty(0).MinBy(w => Math.Abs(w - target));
        return width == 0 ? 0 : steps.Top(width);
    }

    private double Excess(double predicted, double measured)
    {
        double error = Math.Abs(predicted - measured);
        return error <= options.Negligible.Value ? 0 : (error / measured) - options.Tolerance;
    }

    // These are few, and a table that does not know its own error is worth little: they are measured even when the time is up.
    private HeldOutError? HoldOut(AxisSteps[] steps)
    {
        var random = new Random(options.Seed);
        var surface = new CostSurface(full, steps, grids, null, 0);
        var errors = new List<double>();
        int combinations = full.Aggregate(1, (product, w) => (int)Math.Min((long)product * w, int.MaxValue / 4096));
        for (int tries = 0; errors.Count < options.HeldOut && tries < 50 && combinations > points.Count; tries++)
        {
            // Every second point is taken on the aligned path, where a planner will mostly be.
            int[] at = [.. full.Select((f, a) => Draw(steps[a], f, tries % 2 == 0, random))];
            if (points.ContainsKey(string.Join(',', at)))
            {
                continue;
            }

            double predicted = surface.At(at).Time;
            double measured = At(at).Time.Median;
            errors.Add(Math.Abs(predicted - measured) / measured);
        }

        double[] all = [.. errors];
        return all.Length == 0 ? null : new HeldOutError(Order.Median(all), all.Max(), all.Length);
    }

    private static int Draw(AxisSteps steps, int full, bool aligned, Random random)
    {
        int width = random.Next(1, full + 1);
        return aligned && full >= steps.Alignment ? Math.Max(steps.Alignment, width / steps.Alignment * steps.Alignment) : width;
    }
}
