namespace EdgePrune.Profiler.Costs;

/// <summary>Measured points on a rectangular grid of widths, interpolated multilinearly.</summary>
internal sealed class CostGrid
{
    private readonly int[][] knots;
    private readonly BlockEstimate[] points;

    /// <param name="knots">Widths on each axis, ascending.</param>
    /// <param name="measure">The point at given widths.</param>
    /// <param name="tolerance">A wider block that was measured cheaper by less than this is taken for noise and evened out.</param>
    public CostGrid(int[][] knots, Func<int[], BlockMeasurement> measure, double tolerance)
    {
        this.knots = knots;
        int count = knots.Aggregate(1, (product, axis) => product * axis.Length);
        points = new BlockEstimate[count];
        for (int i = 0; i < count; i++)
        {
            BlockMeasurement m = measure(Widths(i));
            points[i] = new BlockEstimate(m.Time.Median, m.Macs, m.BytesMoved, m.WeightBytes, m.ActivationBytes, m.OutputBytes, m.Layout);
        }

        for (int axis = 0; axis < knots.Length; axis++)
        {
            EvenOut(axis, tolerance);
        }
    }

    /// <summary>A grid that was measured and evened out elsewhere.</summary>
    public CostGrid(int[][] knots, BlockEstimate[] points)
    {
        this.knots = knots;
        this.points = points;
    }

    /// <summary>Widths on each axis, ascending.</summary>
    public IReadOnlyList<int[]> Knots => knots;

    /// <summary>The points, the last axis fastest.</summary>
    public IReadOnlyList<BlockEstimate> Points => points;

    /// <param name="tops">Where to read the time: widths moved to the top of their stair.</param>
    /// <param name="widths">Where to read what has no stairs.</param>
    public BlockEstimate At(ReadOnlySpan<int> tops, ReadOnlySpan<int> widths)
    {
        // Times do not go on in a line below the narrowest width measured; counts do.
        BlockEstimate timed = Interpolate(tops, clamp: true);
        BlockEstimate counted = Interpolate(widths, clamp: false);
        return counted with { Time = timed.Time };
    }

    private BlockEstimate Interpolate(ReadOnlySpan<int> at, bool clamp)
    {
        int axes = knots.Length;
        Span<int> cell = stackalloc int[axes];
        Span<double> fraction = stackalloc double[axes];
        // An axis of which one width was measured says nothing of others; counts are in proportion to it, near enough.
        double share = 1;
        for (int a = 0; a < axes; a++)
        {
            int[] axis = knots[a];
            int low = 0;
            while (low < axis.Length - 2 && axis[low + 1] <= at[a])
            {
                low++;
            }

            cell[a] = low;
            double f = axis.Length == 1 ? 0 : (double)(at[a] - axis[low]) / (axis[low + 1] - axis[low]);
            fraction[a] = clamp ? Math.Clamp(f, 0, 1) : f;
            share *= clamp || axis.Length > 1 ? 1 : (double)at[a] / axis[0];
        }

        BlockEstimate sum = default;
        for (int corner = 0; corner < 1 << axes; corner++)
        {
            double weight = share;
            int index = 0;
            for (int a = 0; a < axes; a++)
            {
                int high = (corner >> a) & 1;
                weight *= high == 1 ? fraction[a] : 1 - fraction[a];
                index = (index * knots[a].Length) + Math.Min(cell[a] + high, knots[a].Length - 1);
            }

            BlockEstimate p = points[index];
            sum = new BlockEstimate(
                sum.Time + (weight * p.Time),
                sum.Macs + (weight * p.Macs),
                sum.BytesMoved + (weight * p.BytesMoved),
                sum.WeightBytes + (weight * p.WeightBytes),
                sum.ActivationBytes + (weight * p.ActivationBytes),
                sum.OutputBytes + (weight * p.OutputBytes),
                p.Layout);
        }

        return sum;
    }

    private int[] Widths(int index)
    {
        int[] widths = new int[knots.Length];
        for (int a = knots.Length - 1; a >= 0; a--)
        {
            widths[a] = knots[a][index % knots[a].Length];
            index /= knots[a].Length;
        }

        return widths;
    }

    private void EvenOut(int axis, double tolerance)
    {
        int stride = knots.Skip(axis + 1).Aggregate(1, (product, a) => product * a.Length);
        for (int i = 0; i < points.Length; i++)
        {
            bool hasNext = i / stride % knots[axis].Length < knots[axis].Length - 1;
            if (hasNext && points[i].Time > points[i + stride].Time && points[i].Time < points[i + stride].Time * (1 + tolerance))
            {
                double mean = (points[i].Time + points[i + stride].Time) / 2;
                points[i] = points[i] with { Time = mean };
                points[i + stride] = points[i + stride] with { Time = mean };
            }
        }
    }
}
