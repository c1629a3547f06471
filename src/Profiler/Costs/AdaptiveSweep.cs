using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Decides at which widths a block is measured: first the paths and stairs of each axis, then a coarse grid for each combination of
/// paths, then more lines where interpolation misses, last held-out widths for the error. Every point goes through <c>measure</c>,
/// which may answer from a store; so a sweep that was cut off repeats its decisions and goes on.
/// </summary>
internal sealed class AdaptiveSweep
{
    private const double Noise = 0.015;
    private const int MaxRefinements = 16;
    private const int MaxCombinations = 12;

    // As many stairs are measured one by one; more are interpolated.
    private const int FewStairs = 5;
    private static readonly double[] Spacing = [1, 0.5, 0];
    // Offsets from a multiple of 32: at, just above and between the multiples of 4, 8, 16 and 32.
    private static readonly int[] Offsets = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 15, 16, 17, 20, 21, 24, 25, 28, 31, 32];

    private readonly IReadOnlyList<int> full;
    private readonly SweepOptions options;
    private readonly Func<int[], BlockMeasurement> measure;
    private readonly Func<int[], BlockPath?> describe;
    private readonly Action<IReadOnlyList<int[]>> ahead;
    private readonly Func<bool> timeIsUp;
    private readonly Dictionary<string, BlockMeasurement> points = [];
    private readonly Dictionary<int, int[][]> knots = [];
    private readonly Dictionary<int, CostGrid> grids = [];

    /// <param name="full">Full widths, at least one; see <see cref="CostSurface.Reduce"/> for many axes.</param>
    /// <param name="measure">Measures, or answers from a store.</param>
    /// <param name="describe">What the runtime makes of some widths; null where it does not tell.</param>
    /// <param name="ahead">Told beforehand of which widths <paramref name="describe"/> is going to be asked.</param>
    /// <param name="timeIsUp">True when only what is necessary may still be measured.</param>
    public AdaptiveSweep(
        IReadOnlyList<int> full, SweepOptions options, Func<int[], BlockMeasurement> measure, Func<int[], BlockPath?> describe, Action<IReadOnlyList<int[]>> ahead, Func<bool> timeIsUp)
    {
        bool together = full.Count > CostSurface.MaxAxes;
        this.full = together ? [full.Max()] : full;
        this.options = options;
        this.measure = together ? at => measure(Spread(at[0], full)) : measure;
        this.describe = together ? at => describe(Spread(at[0], full)) : describe;
        this.ahead = together ? at => ahead([.. at.Select(w => Spread(w[0], full))]) : ahead;
        this.timeIsUp = timeIsUp;
        RealWidths = full;
    }

    private IReadOnlyList<int> RealWidths { get; }

    public CostSurface Run()
    {
        bool told = describe([.. full]) is not null;
        AxisSteps[] steps = told ? [] : [.. Enumerable.Range(0, full.Count).Select(FindSteps)];
        AxisPaths[] axes = told ? [.. full.Select((_, a) => Described(a, [.. full]))] : [.. steps.Select(AxisPaths.Of)];
        var stairs = new Dictionary<int, AxisPaths[]>();
        var combinations = new PathCombinations(axes, stairs);
        foreach ((int number, int[] paths) in PathCombinations.All(axes).Take(MaxCombinations))
        {
            stairs[number] = [.. axes.Select((axis, a) => Stairs(axes, a, paths, told))];
            // A path without a point would be priced as saving nothing, so where the time is up its corners are measured all the same.
            bool coarse = number != 0 && timeIsUp();
            if (!coarse || told)
            {
                knots[number] = [.. stairs[number].Select((axis, a) => Knots(axis.Tops(paths[a]), coarse))];
                grids[number] = new CostGrid(knots[number], At, Noise * 2);
            }
        }

        for (int i = 0; i < MaxRefinements && !timeIsUp() && TryRefine(combinations, axes); i++)
        {
        }

        HeldOutError? error = HoldOut(combinations, axes);
        return new CostSurface(RealWidths, told ? [.. axes.Select(a => a.Steps())] : steps, combinations, grids, error, points.Count);
    }

    private BlockMeasurement At(int[] widths)
    {
        string key = string.Join(',', widths);
        return points.TryGetValue(key, out BlockMeasurement? known) ? known : points[key] = measure(widths);
    }

    private static int[] Spread(int scale, IReadOnlyList<int> full) =>
        [.. full.Select(f => Math.Clamp((int)Math.Round((double)scale * f / full.Max()), 1, f))];

    private AxisPaths Described(int axis, int[] others)
    {
        ahead([.. AxisPaths.Asked(full[axis]).Select(At)]);
        return AxisPaths.Of(full[axis], w => describe(At(w))!.Value);

        int[] At(int w)
        {
            int[] at = [.. others];
            at[axis] = w;
            return at;
        }
    }

    // The stairs of an axis where the others are on given paths. They were found with the others at full width; elsewhere the
    // runtime is asked again, and where it does not tell no stairs are taken for granted.
    private AxisPaths Stairs(AxisPaths[] axes, int axis, int[] paths, bool told)
    {
        if (paths.Where((p, a) => a != axis && p != 0).Any())
        {
            int[] others = [.. axes.Select((other, a) => other.Widths(paths[a])[^1])];
            return told ? axes[axis].WithStairs(Described(axis, others)) : axes[axis].Smooth();
        }

        return axes[axis];
    }

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
            int largest = options.Device.Alignment.Where(c => c < width).DefaultIfEmpty(1).Max();
            return new AxisSteps(width, largest, largest, 1);
        }

        var samples = new SortedDictionary<int, double>();
        foreach (int w in widths)
        {
            int[] at = [.. full];
            at[axis] = w;
            samples[w] = At(at).Time.Median;
        }

        return AxisSteps.Find(width, samples, options.Device.Alignment, Noise);
    }

    private int[] Knots(int[] tops, bool coarse)
    {
        if (coarse)
        {
            return [.. new[] { tops[0], tops[^1] }.Distinct()];
        }

        if (tops.Length <= FewStairs)
        {
            return tops;
        }

        // Where stairs begin that single widths lead up to, the cost has a corner.
        IEnumerable<int> corner = Enumerable.Range(1, tops.Length - 2).Where(i => tops[i + 1] - tops[i] > tops[i] - tops[i - 1]).Take(1);
        // A single column is often a kernel of its own (a product of a matrix and a vector), which nothing beside it resembles; where
        // there is one axis a knot beside the narrowest width costs little.
        IEnumerable<int> beside = full.Count == 1 ? [1] : [];
        return [.. Spacing.Select(f => (int)Math.Round(f * (tops.Length - 1))).Concat(corner).Concat(beside).Distinct().Order().Select(i => tops[i])];
    }

    // Looks at the middle of each cell's edges and puts a knot where the prediction is worst; false where all are good enough.
    private bool TryRefine(PathCombinations combinations, AxisPaths[] axes)
    {
        (double Excess, int Number, int Axis, int Width) worst = default;
        foreach ((int number, int[] paths) in PathCombinations.All(axes).Where(c => knots.ContainsKey(c.Number)))
        {
            AxisPaths[] on = combinations.Axes(number);
            int[][] lines = knots[number];
            for (int axis = 0; axis < lines.Length; axis++)
            {
                int[] tops = on[axis].Tops(paths[axis]);
                for (int k = 0; k + 1 < lines[axis].Length && !timeIsUp(); k++)
                {
                    int middle = Middle(tops, lines[axis][k], lines[axis][k + 1]);
                    if (middle == 0)
                    {
                        continue;
                    }

                    int[] at = [.. lines.Select(a => a[^1])];
                    at[axis] = middle;
                    double excess = Excess(grids[number].At(at, at).Time, At(at).Time.Median);
                    if (excess > worst.Excess)
                    {
                        worst = (excess, number, axis, middle);
                    }
                }
            }
        }

        if (worst.Excess <= 0 || timeIsUp())
        {
            return false;
        }

        int[][] refined = [.. knots[worst.Number]];
        refined[worst.Axis] = [.. refined[worst.Axis].Append(worst.Width).Order()];
        knots[worst.Number] = refined;
        grids[worst.Number] = new CostGrid(refined, At, Noise * 2);
        return true;
    }

    // The end of a stair nearest to the middle between two; 0 where there is none.
    private static int Middle(int[] tops, int low, int high) =>
        tops.Where(t => t > low && t < high).DefaultIfEmpty(0).MinBy(t => Math.Abs(t - ((low + high) / 2)));

    private double Excess(double predicted, double measured)
    {
        double error = Math.Abs(predicted - measured);
        return error <= options.Negligible.Value ? 0 : (error / measured) - options.Tolerance;
    }

    // These are few, and a table that does not know its own error is worth little: they are measured even when the time is up.
    private HeldOutError? HoldOut(PathCombinations combinations, AxisPaths[] axes)
    {
        var random = new Random(options.Seed);
        var surface = new CostSurface(full, [], combinations, grids, null, 0);
        var errors = new List<double>();
        var noise = new List<double?>();
        int space = full.Aggregate(1, (product, w) => (int)Math.Min((long)product * w, int.MaxValue / 4096));
        for (int tries = 0; errors.Count < options.HeldOut && tries < 50 && space > points.Count; tries++)
        {
            // Every second point is taken on the path of the full widths, where a planner will mostly be.
            int[] at = [.. full.Select((f, a) => Draw(axes[a], f, tries % 2 == 0, random))];
            if (points.ContainsKey(string.Join(',', at)))
            {
                continue;
            }

            double predicted = surface.At(at).Time;
            BlockMeasurement measured = At(at);
            if (!(measured.Time.Median > 0))
            {
                continue; // too short to be seen beside an empty run: no error is a share of nothing
            }

            errors.Add(Math.Abs(predicted - measured.Time.Median) / measured.Time.Median);
            noise.Add(measured.IsHurried ? null : measured.Time.RelativeHalfWidth);
        }

        double[] all = [.. errors];
        return all.Length == 0 ? null : new HeldOutError(Order.Median(all), all.Max(), all.Length) { Noise = noise.Contains(null) ? null : Order.Median([.. noise.Select(n => n!.Value)]) };
    }

    private static int Draw(AxisPaths axis, int full, bool main, Random random)
    {
        int width = random.Next(1, full + 1);
        return main ? axis.Widths(0).MinBy(w => Math.Abs(w - width)) : width;
    }
}
