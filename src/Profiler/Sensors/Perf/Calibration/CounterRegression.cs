using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>
/// Fits dynamic power to rates of counts. There are about twenty workloads and a dozen counters that rise and fall together, so
/// coefficients of all of them would be noise. Three things hold that down, each for a reason: coefficients cannot be negative
/// (no event gives energy back); events are taken one by one, and only while a workload that the fit has not seen is predicted
/// better by it; and an event is not taken where the scaled design would have a condition number above 30, beyond which
/// collinearity harms coefficients (Belsley, Kuh and Welsch, Regression Diagnostics, section 3.2). Shrinkage (ridge) is left out:
/// it would bias every energy downwards, and the selection has removed what it is for.
/// </summary>
/// <remarks>
/// Residuals are weighted by 1/power², because the error that matters is relative. The stated error comes from a second
/// cross-validation around the whole procedure, choice of events included (Varma and Simon, BMC Bioinformatics 7:91, 2006):
/// the score by which events were chosen would be too good.
/// </remarks>
public static class CounterRegression
{
    /// <summary>Workloads that are not relatives of each other: fewer cannot be told from luck.</summary>
    public const int FewestRelatives = 5;

    private const double MostCondition = 30;

    /// <summary>An event must lower the error of unseen workloads by this share, or it is not worth a counter.</summary>
    private const double LeastGain = 0.03;

    /// <summary>Powers below this share of the largest are weighted and judged as if they were this large: the sensor's noise rules there.</summary>
    private const double SmallestShare = 0.05;

    /// <param name="observations">One a workload; all with as many rates as there are candidates.</param>
    /// <param name="isHardware">For each candidate event, whether it takes a counter of the PMU.</param>
    /// <param name="capacity">Hardware events that can be counted at once.</param>
    /// <exception cref="SensorException">The observations do not allow a model; says why.</exception>
    public static CounterFit Fit(IReadOnlyList<CounterObservation> observations, IReadOnlyList<bool> isHardware, int capacity)
    {
        ArgumentNullException.ThrowIfNull(observations);
        ArgumentNullException.ThrowIfNull(isHardware);
        if (observations.Any(o => o.Rates.Length != isHardware.Count || !o.Rates.All(double.IsFinite) || !double.IsFinite(o.DynamicWatts)))
        {
            throw new ArgumentException("an observation has other events, or a value that is not finite", nameof(observations));
        }

        string[] relatives = [.. observations.Select(o => o.Relatives).Distinct()];
        double largest = observations.Select(o => o.DynamicWatts).DefaultIfEmpty(0).Max();
        if (relatives.Length < FewestRelatives || largest <= 0)
        {
            throw new SensorException(
                $"{relatives.Length} workloads of which the strongest draws {new Units.Watts(largest)} above idle give no calibration: at least {FewestRelatives} that draw more than idle are needed; does the sensor see this board?");
        }

        double floor = SmallestShare * largest;
        var all = new Sample(observations, isHardware, capacity, floor);
        double[] heldOut = new double[observations.Count];
        foreach (string left in relatives)
        {
            Sample rest = all.Without(left);
            int[] chosen = rest.Choose();
            double[] coefficients = rest.Solve(chosen).Coefficients.ToArray();
            for (int i = 0; i < heldOut.Length; i++)
            {
                if (observations[i].Relatives == left)
                {
                    heldOut[i] = chosen.Zip(coefficients, (e, c) => c * observations[i].Rates[e]).Sum();
                }
            }
        }

        int[] best = all.Choose();
        NnlsSolution solution = all.Solve(best);
        int[] kept = [.. Enumerable.Range(0, best.Length).Where(k => solution.Coefficients[k] > 0).OrderBy(k => best[k])];
        if (kept.Length == 0)
        {
            throw new SensorException("no counter rises and falls with the power that the sensor shows; does the sensor see this board?");
        }

        double[] errors = [.. observations.Select((o, i) => Math.Abs(heldOut[i] - o.DynamicWatts) / Math.Max(o.DynamicWatts, floor) * 100)];
        return new CounterFit(
            [.. kept.Select(k => best[k])],
            [.. kept.Select(k => solution.Coefficients[k])],
            solution.Condition,
            heldOut,
            new CalibrationError(Order.Median(errors), errors.Max(), errors.Length));
    }

    /// <summary>Some of the observations, and the ways to work on them.</summary>
    private sealed record Sample(IReadOnlyList<CounterObservation> Observations, IReadOnlyList<bool> IsHardware, int Capacity, double Floor)
    {
        public Sample Without(string relatives) => this with { Observations = [.. Observations.Where(o => o.Relatives != relatives)] };

        /// <summary>Takes events one by one, each time the one that predicts workloads left out best.</summary>
        public int[] Choose()
        {
            var chosen = new List<int>();
            double score = 1; // predicting nothing is off by all of it
            while (true)
            {
                (int Event, double Score) best = (-1, score * (1 - LeastGain));
                for (int e = 0; e < IsHardware.Count; e++)
                {
                    if (chosen.Contains(e) || (IsHardware[e] && chosen.Count(c => IsHardware[c]) == Capacity))
                    {
                        continue;
                    }

                    int[] tried = [.. chosen, e];
                    best = Score(tried) is double s && s < best.Score ? (e, s) : best;
                }

                if (best.Event < 0)
                {
                    return [.. chosen];
                }

                chosen.Add(best.Event);
                score = best.Score;
            }
        }

        public NnlsSolution Solve(int[] chosen) => chosen.Length == 0
            ? new NnlsSolution([], [], 1, IsConverged: true)
            : NonNegativeLeastSquares.Solve(
                [.. Observations.Select(o => chosen.Select(e => o.Rates[e]).ToArray())],
                [.. Observations.Select(o => o.DynamicWatts)],
                [.. Observations.Select(o => 1 / Math.Pow(Math.Max(o.DynamicWatts, Floor), 2))]);

        /// <summary>Root mean square of the relative error with each family of workloads left out in turn; null where events are collinear.</summary>
        private double? Score(int[] chosen)
        {
            NnlsSolution whole = Solve(chosen);
            if (whole.Condition > MostCondition || whole.Coefficients.Any(c => c == 0))
            {
                return null;
            }

            double sum = 0;
            foreach (string left in Observations.Select(o => o.Relatives).Distinct())
            {
                NnlsSolution rest = Without(left).Solve(chosen);
                foreach (CounterObservation o in Observations.Where(o => o.Relatives == left))
                {
                    double predicted = chosen.Zip(rest.Coefficients, (e, c) => c * o.Rates[e]).Sum();
                    sum += Math.Pow((predicted - o.DynamicWatts) / Math.Max(o.DynamicWatts, Floor), 2);
                }
            }

            return Math.Sqrt(sum / Observations.Count);
        }
    }
}
