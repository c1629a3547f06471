using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf.Calibration;

/// <summary>
/// Measures workloads with a power sensor and with counters at the same time. Each window of work stands between two of idle,
/// whose mean power and counts are subtracted, so that neither a drift of the board nor the sampling of the sensor itself ends in
/// a coefficient. Workloads come in random order; counters that do not fit at once are counted in windows of their own.
/// </summary>
public sealed class CounterCalibrator
{
    private const int MostAttempts = 4;
    private const int MostRounds = 100;
    private const double ConversionsPerWindow = 20;
    private readonly IPowerSource sensor;
    private readonly ICounterHost host;
    private readonly TimeProvider clock;
    private readonly IReadOnlyList<int> rails;
    private int repeated;

    /// <param name="sensor">A source that reads power; neither the modelled one nor counters.</param>
    /// <exception cref="SensorException">The sensor measures nothing that a calibration could rest on.</exception>
    public CounterCalibrator(IPowerSource sensor, ICounterHost host, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(sensor);
        this.sensor = sensor;
        this.host = host;
        this.clock = clock;
        rails = PowerRail.Summed(sensor.Rails);
        if (sensor.Provenance.Kind is not (ProvenanceKind.Measured or ProvenanceKind.Simulated))
        {
            throw new SensorException($"{sensor.Name} is {sensor.Provenance.Word}: counters can only be calibrated against a source that measures power");
        }

        if (rails.Count == 0)
        {
            throw new SensorException($"{sensor.Name} has no rail that stands for the board; mark one as total in the device file");
        }
    }

    /// <summary>Runs the windows and fits the model.</summary>
    /// <param name="workloads">Loaded already; at least <see cref="CounterRegression.FewestRelatives"/> that are not relatives.</param>
    /// <exception cref="SensorException">A window stays invalid, or power and counts have nothing to do with each other.</exception>
    public CalibrationRun Run(
        string device,
        string? governor,
        IReadOnlyList<ICalibrationWorkload> workloads,
        ICalibrationWorkload idle,
        CalibrationOptions options,
        IProgress<ProfileProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workloads);
        ArgumentNullException.ThrowIfNull(idle);
        ArgumentNullException.ThrowIfNull(options);
        PerfEvent[] events = [.. host.Groups.SelectMany(g => g)];
        Seconds window = new(Math.Max(options.Window.Value, ConversionsPerWindow * sensor.Traits.Period.Value));
        double round = ((2 * workloads.Count) + 1) * host.Groups.Count * window.Value;
        int rounds = Math.Clamp((int)(options.Budget.Value / round), 1, MostRounds);
        var random = new Random(options.Seed);
        var sums = new CalibrationSums([.. workloads.Select(w => w.Name)], events.Length);
        int done = 0;
        repeated = 0;
        for (int r = 0; r < rounds; r++)
        {
            int offset = 0;
            foreach (IReadOnlyList<PerfEvent> group in host.Groups)
            {
                using ICounters counters = host.Open(group);
                ICalibrationWorkload[] order = [.. workloads];
                random.Shuffle(order);
                Reading before = MeasureIdle(counters, idle, window, sums, offset);
                foreach (ICalibrationWorkload workload in order)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    progress?.Report(new ProfileProgress(workload.Name, (double)done++ / (rounds * host.Groups.Count * workloads.Count)));
                    Reading during = Measure(counters, workload, window);
                    Reading after = MeasureIdle(counters, idle, window, sums, offset);
                    sums.Add(workload.Name, during.Power - ((before.Power + after.Power) / 2));
                    for (int e = 0; e < group.Count; e++)
                    {
                        sums.AddRate(workload.Name, offset + e, during.Rates[e] - ((before.Rates[e] + after.Rates[e]) / 2));
                    }

                    before = after;
                }

                offset += group.Count;
            }
        }

        return new CalibrationRun(Conclude(device, governor, events, sums), rounds, repeated, host.Capacity, [.. events.Select(e => e.Name)]);
    }

    private CounterCalibration Conclude(string device, string? governor, PerfEvent[] events, CalibrationSums sums)
    {
        CounterObservation[] observations = sums.Observations();
        CounterFit fit = Fit(observations, events);

        // What this process counted in idle windows will be counted again in every window that the calibration is used for.
        double unwatched = sums.IdlePower - fit.Chosen.Zip(fit.Coefficients, (e, c) => c * sums.IdleRate(e)).Sum();
        return new CounterCalibration(
            CounterCalibration.CurrentFormat,
            device,
            host.Processor,
            governor,
            sensor.Name,
            sensor.Provenance.Word,
            clock.GetUtcNow(),
            Math.Max(0, unwatched),
            [.. fit.Chosen.Zip(fit.Coefficients, (e, c) => new CounterCoefficient(events[e].Name, c * 1e12))],
            fit.Error,
            fit.Condition,
            [.. observations.Select((o, i) => new CalibrationPoint(o.Workload, o.DynamicWatts, fit.HeldOut[i]))]);
    }

    /// <summary>
    /// Fits with as many events as the machine counts at once. Some counters take only some events, so that the chosen ones may
    /// still not fit together; then with fewer.
    /// </summary>
    private CounterFit Fit(CounterObservation[] observations, PerfEvent[] events)
    {
        bool[] isHardware = [.. events.Select(e => e.IsHardware)];
        for (int capacity = host.Capacity; ; capacity--)
        {
            CounterFit fit = CounterRegression.Fit(observations, isHardware, capacity);
            try
            {
                host.Open([.. fit.Chosen.Select(e => events[e])]).Dispose();
                return fit;
            }
            catch (SensorException) when (capacity > 1)
            {
                // Fewer events have more ways to be counted.
            }
        }
    }

    /// <summary>A window of idle, which is also kept for the idle power.</summary>
    private Reading MeasureIdle(ICounters counters, ICalibrationWorkload idle, Seconds window, CalibrationSums sums, int offset)
    {
        Reading read = Measure(counters, idle, window);
        sums.AddIdle(read.Power);
        for (int e = 0; e < read.Rates.Length; e++)
        {
            sums.AddIdleRate(offset + e, read.Rates[e]);
        }

        return read;
    }

    /// <summary>One window; measured again where sensor or counters say that it is useless.</summary>
    private Reading Measure(ICounters counters, ICalibrationWorkload workload, Seconds window)
    {
        string? problem = null;
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            repeated += attempt > 0 ? 1 : 0;
            sensor.Start();
            IReadOnlyList<RawCount> first;
            IReadOnlyList<RawCount> second;
            long start;
            double seconds;
            PowerWindow power;
            try
            {
                start = clock.GetTimestamp();
                first = counters.Read();
                workload.Run(window);
                second = counters.Read();
                seconds = clock.GetElapsedTime(start).TotalSeconds;
            }
            finally
            {
                power = sensor.Stop();
            }

            CounterDelta delta = CounterDelta.Between(first, second, counters.Events);
            problem = power.Invalid ?? delta.Problem;
            if (problem is null && seconds > 0 && power.Duration.Value > 0)
            {
                double watts = rails.Sum(rail => power.Energy[rail].Value) / power.Duration.Value;
                return double.IsFinite(watts)
                    ? new Reading(watts, [.. delta.Counts.Select(c => c / seconds)])
                    : throw new SensorException($"{sensor.Name} gave {watts} W while {workload.Name} ran");
            }
        }

        throw new SensorException($"{sensor.Name}: {MostAttempts} windows of {workload.Name} in a row were useless: {problem ?? "the clock did not move"}");
    }

    /// <summary>Mean power in watts and counts a second of one window.</summary>
    private readonly record struct Reading(double Power, double[] Rates);
}
