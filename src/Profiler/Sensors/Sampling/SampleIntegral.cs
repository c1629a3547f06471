using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sampling;

/// <summary>Energy from readings of power, and what makes readings useless.</summary>
public static class SampleIntegral
{
    private const int FewestFresh = 2;
    private const double LongestGapPeriods = 20;
    private const double LongestGapSeconds = 0.05;

    /// <summary>
    /// Trapezoids between fresh readings of one rail from <paramref name="from"/> to <paramref name="to"/>; before the first
    /// and after the last the nearest reading is held. Stale readings repeat what an older conversion said and are left out.
    /// </summary>
    /// <returns>Zero where the rail has no fresh reading.</returns>
    public static Joules Energy(ReadOnlySpan<PowerSample> samples, int rail, Seconds from, Seconds to)
    {
        double energy = 0;
        double start = from.Value;
        double end = to.Value;
        double lastTime = double.NaN;
        double lastPower = 0;
        foreach (PowerSample sample in samples)
        {
            if (sample.Rail != rail || !sample.IsFresh)
            {
                continue;
            }

            double time = sample.Time.Value;
            double power = sample.Power.Value;
            if (double.IsNaN(lastTime))
            {
                energy += power * Math.Max(0, Math.Min(time, end) - start);
            }
            else
            {
                energy += Trapezoid(lastTime, lastPower, time, power, start, end);
            }

            lastTime = time;
            lastPower = power;
        }

        return double.IsNaN(lastTime) ? default : new Joules(energy + (lastPower * Math.Max(0, end - Math.Max(lastTime, start))));
    }

    /// <summary>Why a window of these readings must be thrown away, or null.</summary>
    public static string? Problem(
        ReadOnlySpan<PowerSample> samples, IReadOnlyList<PowerRail> rails, Seconds duration, PowerTraits traits)
    {
        ArgumentNullException.ThrowIfNull(rails);
        ArgumentNullException.ThrowIfNull(traits);
        double longest = Math.Max(LongestGapSeconds, LongestGapPeriods * traits.Period.Value);
        for (int rail = 0; rail < rails.Count; rail++)
        {
            int fresh = 0;
            double last = 0;
            double gap = 0;
            foreach (PowerSample sample in samples)
            {
                if (sample.Rail != rail || !sample.IsFresh)
                {
                    continue;
                }

                double time = sample.Time.Value;
                if (fresh > 0 && time < last)
                {
                    return $"the times of {rails[rail].Name} run backwards at {sample.Time}";
                }

                gap = Math.Max(gap, time - last);
                last = time;
                fresh++;
            }

            if (fresh < FewestFresh)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"{rails[rail].Name} gave {fresh} new readings in {duration.Value * 1e3:F0} ms");
            }

            gap = Math.Max(gap, duration.Value - last);
            if (gap > longest)
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"{rails[rail].Name} gave no new reading for {gap * 1e3:F0} ms");
            }
        }

        return null;
    }

    private static double Trapezoid(double t0, double p0, double t1, double p1, double start, double end)
    {
        double a = Math.Max(t0, start);
        double b = Math.Min(t1, end);
        if (b <= a || t1 <= t0)
        {
            return 0;
        }

        double slope = (p1 - p0) / (t1 - t0);
        return (b - a) * (p0 + (slope * (((a + b) / 2) - t0)));
    }
}
