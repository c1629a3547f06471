using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// A mean over what units do at a site: of each stretch of values that belongs to one unit in one sample (a row of a feature map's
/// channel, a single neuron) a function gives a sum and a count.
/// </summary>
/// <param name="site">Where the units stand.</param>
/// <param name="measure">The sum over a stretch, and how much it counts.</param>
internal sealed class UnitStatistic(UnitSite site, UnitStatistic.Measure measure) : IActivationObserver
{
    private readonly double[] sums = new double[site.Units.Length];
    private readonly double[] counts = new double[site.Units.Length];

    /// <summary>The sum over a stretch of values, and how much it counts.</summary>
    /// <param name="values">What lies behind one index of the axis.</param>
    /// <param name="dims">Dimensions behind the axis.</param>
    public delegate (double Sum, double Count) Measure(ReadOnlySpan<float> values, ReadOnlySpan<long> dims);

    public string Value => site.Value;

    public void Observe(ReadOnlySpan<float> values, long[] dims)
    {
        ReadOnlySpan<long> behind = dims.AsSpan(site.Axis + 1);
        int inner = 1;
        foreach (long dim in behind)
        {
            inner *= (int)dim;
        }

        for (int start = 0, i = 0; start < values.Length; start += inner, i = (i + 1) % site.Units.Length)
        {
            if (site.Units[i] >= 0)
            {
                (double sum, double count) = measure(values.Slice(start, inner), behind);
                sums[i] += sum;
                counts[i] += count;
            }
        }
    }

    /// <summary>The mean of each unit over all its sites; NaN for units that stand at none, or of which nothing counted.</summary>
    public static double[] Means(CouplingResult coupling, IEnumerable<UnitStatistic> statistics)
    {
        double[] sums = new double[coupling.Units.Count];
        double[] counts = new double[sums.Length];
        foreach (UnitStatistic statistic in statistics)
        {
            statistic.AddTo(sums, counts);
        }

        return [.. sums.Zip(counts, (s, c) => c == 0 ? double.NaN : s / c)];
    }

    private void AddTo(double[] unitSums, double[] unitCounts)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            if (site.Units[i] >= 0)
            {
                unitSums[site.Units[i]] += sums[i];
                unitCounts[site.Units[i]] += counts[i];
            }
        }
    }
}
