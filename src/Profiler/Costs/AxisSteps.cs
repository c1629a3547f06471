namespace EdgePrune.Profiler.Costs;

/// <summary>
/// The staircase of one axis. Widths that are multiples of <see cref="Alignment"/> take one path through the runtime, the others
/// another; within each path the cost changes only every <see cref="Step"/> (<see cref="UnalignedStep"/>) units.
/// </summary>
/// <param name="Full">Full width.</param>
/// <param name="Alignment">Multiples of this are "aligned"; 1 where there is only one path.</param>
/// <param name="Step">Step of the aligned path, a multiple of <see cref="Alignment"/>.</param>
/// <param name="UnalignedStep">Step of the other path.</param>
public sealed record AxisSteps(int Full, int Alignment, int Step, int UnalignedStep)
{
    public bool IsAligned(int width) => width % Alignment == 0;

    /// <summary>
    /// The widest width on the same path and stair: what costs as much as <paramref name="width"/>. Below the first step no stair
    /// is taken for granted: runtimes have kernels of their own for narrow layers.
    /// </summary>
    public int Top(int width)
    {
        bool aligned = IsAligned(width);
        int step = aligned ? Step : UnalignedStep;
        if (width < step)
        {
            return width;
        }

        int top = Math.Min((width + step - 1) / step * step, Full);
        while (top > width && IsAligned(top) != aligned)
        {
            top--;
        }

        return top;
    }

    /// <summary>
    /// Finds the staircase that explains samples of one axis: for each candidate the two paths are fitted as lines over the tops of
    /// their stairs, and the simplest candidate that explains the samples wins (Bayesian information criterion).
    /// </summary>
    /// <param name="full">Full width.</param>
    /// <param name="samples">Cost by width, the other axes held.</param>
    /// <param name="candidates">Multiples to be tested.</param>
    /// <param name="noise">Relative noise of a sample; what is smaller is not explained.</param>
    public static AxisSteps Find(int full, IReadOnlyDictionary<int, double> samples, IReadOnlyList<int> candidates, double noise)
    {
        ArgumentNullException.ThrowIfNull(samples);
        int[] steps = [1, .. candidates.Where(c => c > 1 && c < full).Distinct().Order()];
        AxisSteps best = new(full, 1, 1, 1);
        double bestScore = double.PositiveInfinity;
        double floor = samples.Count == 0 ? 0 : Math.Pow(noise * samples.Values.Average(), 2);
        foreach (int alignment in steps)
        {
            foreach (int step in steps.Where(s => s % alignment == 0))
            {
                foreach (int unaligned in alignment == 1 ? [1] : steps)
                {
                    var tried = new AxisSteps(full, alignment, step, unaligned);
                    if (Score(tried, samples, floor) is { } score && score < bestScore - 1e-9)
                    {
                        (best, bestScore) = (tried, score);
                    }
                }
            }
        }

        return best;
    }

    private static double? Score(AxisSteps tried, IReadOnlyDictionary<int, double> samples, double floor)
    {
        double squares = 0;
        int parameters = (tried.Step > 1 ? 1 : 0) + (tried.UnalignedStep > 1 ? 1 : 0);
        foreach (IGrouping<bool, KeyValuePair<int, double>> path in samples.GroupBy(s => tried.IsAligned(s.Key)))
        {
            (double X, double Y)[] points = [.. path.Select(p => ((double)tried.Top(p.Key), p.Value))];
            if (points.Length < 3)
            {
                return null;
            }

            squares += ResidualOfLine(points);
            parameters += 2;
        }

        int n = samples.Count;
        return (n * Math.Log((squares / n) + floor)) + (parameters * Math.Log(n));
    }

    private static double ResidualOfLine((double X, double Y)[] points)
    {
        double x = points.Average(p => p.X);
        double y = points.Average(p => p.Y);
        double xx = points.Sum(p => (p.X - x) * (p.X - x));
        // Wider never costs less on the same path: a falling line is noise.
        double slope = xx == 0 ? 0 : Math.Max(0, points.Sum(p => (p.X - x) * (p.Y - y)) / xx);
        return points.Sum(p => Math.Pow(p.Y - y - (slope * (p.X - x)), 2));
    }
}
