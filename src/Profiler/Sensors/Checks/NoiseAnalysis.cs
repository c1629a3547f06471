using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Checks;

/// <summary>Noise and drift out of the readings of one window.</summary>
public static class NoiseAnalysis
{
    private const double ShortestWindow = 0.05;
    private const double ReadingsInWindow = 2;
    private const int FewestWindows = 4;

    /// <exception cref="SensorException">The window has too few readings for a figure of noise.</exception>
    public static SensorNoise Of(PowerWindow window, IReadOnlyList<PowerRail> rails, PowerTraits traits)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(rails);
        ArgumentNullException.ThrowIfNull(traits);
        PowerSample[] samples = [.. window.Samples];
        IReadOnlyList<int> summed = PowerRail.Summed(rails);
        double seconds = window.Duration.Value;
        double rate = summed.Count == 0 ? 0 : summed.Min(r => samples.Count(s => s.Rail == r && s.IsFresh)) / seconds;
        double shortest = Math.Max(ShortestWindow, rate > 0 ? ReadingsInWindow / rate : double.PositiveInfinity);
        if (shortest * FewestWindows > seconds)
        {
            throw new SensorException(FormattableString.Invariant($"{samples.Length} readings in {seconds:F1} s are too few for a figure of noise; check for longer (--for)"));
        }

        double[] means = Means(samples, summed, shortest, seconds);
        (double slope, double error) = Slope(means, shortest);
        return new SensorNoise(
            new Watts(means.Average()),
            new Watts(Math.Sqrt(summed.Sum(r => Variance(samples, r)))),
            traits.Readout == PowerReadout.Samples ? traits.Resolution : default,
            new Watts(slope * 60),
            new Watts(error * 60),
            [.. Points(means, shortest)],
            rate,
            samples.Length == 0 ? 0 : samples.Count(s => !s.IsFresh) / (double)samples.Length);
    }

    /// <summary>Mean power of the sum in consecutive windows.</summary>
    private static double[] Means(PowerSample[] samples, IReadOnlyList<int> summed, double length, double seconds)
    {
        double[] means = new double[(int)Math.Floor(seconds / length)];
        foreach (int rail in summed)
        {
            PowerSample[] own = [.. samples.Where(s => s.Rail == rail && s.IsFresh)];
            int first = 0;
            for (int i = 0; i < means.Length; i++)
            {
                double from = i * length;
                // The readings of this window with a neighbour on either side.
                while (first + 1 < own.Length && own[first + 1].Time.Value <= from)
                {
                    first++;
                }

                int last = first;
                while (last + 1 < own.Length && own[last].Time.Value < from + length)
                {
                    last++;
                }

                means[i] += SampleIntegral.Energy(own.AsSpan(first, last - first + 1), rail, new Seconds(from), new Seconds(from + length)).Value / length;
            }
        }

        return means;
    }

    private static IEnumerable<AllanPoint> Points(double[] means, double length)
    {
        for (int factor = 1; means.Length / factor >= FewestWindows; factor *= 2)
        {
            double[] longer = [.. means.Chunk(factor).Where(c => c.Length == factor).Select(c => c.Average())];
            double sum = 0;
            for (int i = 1; i < longer.Length; i++)
            {
                sum += (longer[i] - longer[i - 1]) * (longer[i] - longer[i - 1]);
            }

            yield return new AllanPoint(new Seconds(length * factor), new Watts(Math.Sqrt(sum / (2 * (longer.Length - 1)))), longer.Length);
        }
    }

    private static double Variance(PowerSample[] samples, int rail)
    {
        double[] values = [.. samples.Where(s => s.Rail == rail && s.IsFresh).Select(s => s.Power.Value)];
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, values.Length - 1);
    }

    // Least squares of the means over time, in watts per second.
    private static (double Slope, double Error) Slope(double[] means, double length)
    {
        double n = means.Length;
        double middle = (n - 1) / 2;
        double mean = means.Average();
        double sxx = 0;
        double sxy = 0;
        for (int i = 0; i < means.Length; i++)
        {
            sxx += (i - middle) * (i - middle);
            sxy += (i - middle) * (means[i] - mean);
        }

        double slope = sxy / sxx;
        double rest = means.Select((m, i) => m - mean - (slope * (i - middle))).Sum(r => r * r);
        return (slope / length, Math.Sqrt(rest / Math.Max(1, n - 2) / sxx) / length);
    }
}
