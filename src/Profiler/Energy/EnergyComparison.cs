using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy;

/// <summary>
/// The energy of a run of two models by a sensor: window totals while one of them runs in a loop, in turn, and the mean power at
/// rest around them. What the sensor's gain is off is common to both, so it widens the figures and not their ratio.
/// </summary>
/// <param name="First">Joules of a run.</param>
/// <param name="Second">Joules of a run.</param>
/// <param name="Ratio">Second over first, by neighbouring windows.</param>
internal sealed record EnergyComparison(EnergyFigure First, EnergyFigure Second, Interval Ratio)
{
    private const double ShortestWindow = 0.4;
    private const double PeriodsForAWindow = 25;
    private const int FewestPairs = 6;
    private const int MostPairs = 60;
    private const int IdleWindows = 3;

    // Capacitors of the supply, and clocks that rise under load.
    private const double WarmSeconds = 0.05;

    /// <param name="first">Runs the first model.</param>
    /// <param name="second">Runs the second.</param>
    /// <param name="source">The sensor.</param>
    /// <param name="budget">Time to spend; at least six pairs of windows are measured.</param>
    /// <param name="loads">What a simulated board draws above idle while either runs.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="SensorException">The sensor fails, or too many of its windows are not valid.</exception>
    public static EnergyComparison Run(
        Func<double> first, Func<double> second, IPowerSource source, Seconds budget, (Watts First, Watts Second) loads, TimeProvider clock, CancellationToken cancel)
    {
        double window = Math.Max(ShortestWindow, PeriodsForAWindow * source.Traits.Period.Value);
        int wanted = (int)Math.Clamp(budget.Value / (2 * window), FewestPairs, MostPairs);
        var measurement = new Windows(source, window, clock, cancel);
        var idle = new List<double>();
        var pairs = new List<(double First, double Second)>();
        var times = new List<(double First, double Second)>();
        Rest();
        while (pairs.Count < wanted)
        {
            bool even = pairs.Count % 2 == 0;
            (double Joules, double Seconds) early = measurement.Of(even ? first : second, even ? loads.First : loads.Second);
            (double Joules, double Seconds) late = measurement.Of(even ? second : first, even ? loads.Second : loads.First);
            pairs.Add(even ? (early.Joules, late.Joules) : (late.Joules, early.Joules));
            times.Add(even ? (early.Seconds, late.Seconds) : (late.Seconds, early.Seconds));
        }

        Rest();
        double rest = Order.Median([.. idle]);
        return new EnergyComparison(
            Figure([.. pairs.Select(p => p.First)], [.. times.Select(t => t.First)], rest, source),
            Figure([.. pairs.Select(p => p.Second)], [.. times.Select(t => t.Second)], rest, source),
            Order.MedianInterval([.. pairs.Select(p => p.Second / p.First)]));

        void Rest()
        {
            for (int i = 0; i < IdleWindows; i++)
            {
                idle.Add(measurement.Idle());
            }
        }
    }

    private static EnergyFigure Figure(double[] joules, double[] seconds, double rest, IPowerSource source)
    {
        Interval total = Widened(Order.MedianInterval(joules), source.Traits.RelativeAccuracy);
        Interval dynamic = Widened(Order.MedianInterval([.. joules.Zip(seconds, (j, s) => Math.Max(0, j - (rest * s)))]), source.Traits.RelativeAccuracy);
        return new EnergyFigure(dynamic, total, source.Provenance);
    }

    private static Interval Widened(Interval interval, double accuracy) => interval with
    {
        Low = interval.Median - Half(interval.Median - interval.Low, accuracy * interval.Median),
        High = interval.Median + Half(interval.High - interval.Median, accuracy * interval.Median),
    };

    private static double Half(double noise, double gain) => Math.Sqrt((noise * noise) + (gain * gain));

    private sealed class Windows(IPowerSource source, double seconds, TimeProvider clock, CancellationToken cancel)
    {
        private const int MostInvalid = 5;
        private readonly IReadOnlyList<int> summed = PowerRail.Summed(source.Rails);
        private int invalid;

        /// <summary>Joules and seconds of a run.</summary>
        public (double Joules, double Seconds) Of(Func<double> once, Watts load)
        {
            (source as ISimulatedLoad)?.SetLoad(load);
            try
            {
                Repeat(once, WarmSeconds);
                while (true)
                {
                    source.Start();
                    (long runs, double elapsed) = Repeat(once, seconds);
                    if (Power(source.Stop()) is { } watts)
                    {
                        return (watts * elapsed / runs, elapsed / runs);
                    }
                }
            }
            finally
            {
                (source as ISimulatedLoad)?.SetLoad(default);
            }
        }

        /// <summary>Watts at rest.</summary>
        public double Idle()
        {
            while (true)
            {
                source.Start();
                cancel.WaitHandle.WaitOne(TimeSpan.FromSeconds(seconds));
                PowerWindow window = source.Stop();
                cancel.ThrowIfCancellationRequested();
                if (Power(window) is { } watts)
                {
                    return watts;
                }
            }
        }

        private (long Runs, double Seconds) Repeat(Func<double> once, double duration)
        {
            long begin = clock.GetTimestamp();
            long runs = 0;
            double elapsed;
            do
            {
                cancel.ThrowIfCancellationRequested();
                once();
                runs++;
                elapsed = clock.GetElapsedTime(begin).TotalSeconds;
            }
            while (elapsed < duration);

            return (runs, elapsed);
        }

        private double? Power(PowerWindow window)
        {
            double joules = summed.Sum(r => window.Energy[r].Value);
            if (window.Invalid is null && window.Duration.Value > 0 && joules > 0 && double.IsFinite(joules))
            {
                return joules / window.Duration.Value;
            }

            return ++invalid <= MostInvalid
                ? null
                : throw new SensorException($"{source.Name}: {MostInvalid + 1} windows were not valid, the last because {window.Invalid ?? "it shows no power"}; check the sensor with 'edgeprune sensors --check'");
        }
    }
}
