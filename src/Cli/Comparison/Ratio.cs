using MathNet.Numerics.Distributions;

namespace EdgePrune.Cli.Comparison;

/// <summary>How two medians with intervals relate.</summary>
/// <param name="Value">Second over first.</param>
/// <param name="Low">Lower end of the 95 % interval, 0 where it has none.</param>
/// <param name="High">Upper end; infinite where the first may be zero.</param>
/// <param name="Probability">Two-sided p-value of a ratio of 1.</param>
internal readonly record struct Ratio(double Value, double Low, double High, double Probability)
{
    private const double Tail = 0.975;
    // Where a figure does not say what it rests on, the fewest samples that have a 95 % interval of the median.
    private const int FewestSamples = 6;

    public bool ExcludesOne => Low > 1 || High < 1;

    /// <summary>
    /// The interval is recovered from those of the two medians on the logarithmic scale, each end from the ends that push it there
    /// (MOVER: Zou and Donner, Statistics in Medicine 27, 2008), so that intervals need not be symmetric. The p-value follows from
    /// the same half width by Student's t with the smaller of the two freedoms; it is below 0.05 exactly where the interval
    /// excludes 1.
    /// </summary>
    /// <returns>Null where a median is not above zero: there is no ratio then.</returns>
    public static Ratio? Of(Figure first, Figure second)
    {
        if (!(first.Median > 0) || !(second.Median > 0))
        {
            return null;
        }

        double log = Math.Log(second.Median / first.Median);
        double down = Hypotenuse(Log(second.Median, second.Low), Log(first.High, first.Median));
        double up = Hypotenuse(Log(second.High, second.Median), Log(first.Median, first.Low));
        double towardsOne = log < 0 ? up : down;
        return new Ratio(Math.Exp(log), Math.Exp(log - down), Math.Exp(log + up), P(Math.Abs(log), towardsOne, Freedom(first, second)));
    }

    // How far down the second lies below the first, logarithmic; without end where it reaches zero.
    private static double Log(double high, double low) => low > 0 ? Math.Log(high / low) : double.PositiveInfinity;

    private static double Hypotenuse(double a, double b) => Math.Sqrt((a * a) + (b * b));

    private static int Freedom(Figure first, Figure second) =>
        Math.Max(1, Math.Min(first.Samples ?? FewestSamples, second.Samples ?? FewestSamples) - 1);

    private static double P(double distance, double halfWidth, int freedom)
    {
        if (distance == 0 || double.IsPositiveInfinity(halfWidth))
        {
            return 1;
        }

        if (halfWidth == 0)
        {
            return 0;
        }

        double t = distance / halfWidth * StudentT.InvCDF(0, 1, freedom, Tail);
        return Math.Clamp(2 * StudentT.CDF(0, 1, freedom, -t), 0, 1);
    }
}
