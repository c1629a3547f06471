using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Agent.Service.Power;

/// <summary>The energy of a window with its interval: the noise of the readings and what the part's gain may be off.</summary>
internal static class WindowFigure
{
    private const double TwoSided95 = 1.96;

    /// <param name="window">A valid window.</param>
    /// <param name="summed">The rails that make up the board.</param>
    /// <param name="traits">Of the source.</param>
    public static EnergyReading Of(PowerWindow window, IReadOnlyList<int> summed, PowerTraits traits)
    {
        double joules = summed.Sum(r => window.Energy[r].Value);
        double variance = 0;
        int count = 0;
        foreach (int rail in summed)
        {
            double[] watts = [.. window.Samples.Where(s => s.Rail == rail && s.IsFresh).Select(s => s.Power.Value)];
            count = count == 0 ? watts.Length : Math.Min(count, watts.Length);
            if (watts.Length > 1)
            {
                double mean = watts.Average();
                variance += watts.Sum(w => (w - mean) * (w - mean)) / (watts.Length - 1) / watts.Length;
            }
        }

        // Readings of a busy board vary with its work as well, so this is wider than the sensor's own noise: never too narrow.
        double noise = TwoSided95 * Math.Sqrt(variance) * window.Duration.Value;
        double half = Math.Sqrt((noise * noise) + Math.Pow(traits.RelativeAccuracy * joules, 2));
        return new EnergyReading(new Interval(joules, Math.Max(0, joules - half), joules + half, Math.Max(1, count), 0.95), window.Duration, window.Provenance);
    }
}
