using System.Globalization;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>Measures one window: starts the source, keeps the board busy, and says what power it drew or why that is not known.</summary>
internal sealed class WindowRecorder(
    IEnergyWorkload workload, IPowerSource source, TimeProvider clock, Seconds settle, EnergyMeasurementOptions options)
{
    private const int FewestSamples = 3;
    private const double RateChange = 0.05;
    private const double FrequencyChange = 0.02;
    private const int MostTrace = 4000;

    private readonly IReadOnlyList<int> summed = PowerRail.Summed(source.Rails);
    private readonly List<(double Time, double Watts)> trace = [];

    /// <summary>Power over the whole measurement, thinned out for a picture: one point a window of samples.</summary>
    public IReadOnlyList<(double Time, double Watts)> Trace => trace;

    /// <param name="problem">Why the window cannot be used; null where it can, or where the layer cannot be repeated.</param>
    /// <returns>Null where there is a problem or the layer cannot be repeated inside the network.</returns>
    /// <exception cref="SensorException">The source cannot even be started.</exception>
    public Observation? Record(PlannedWindow window, out string? problem, CancellationToken cancel)
    {
        Conditions? before = options.Conditions?.Invoke();
        bool counter = source.Traits.Readout == PowerReadout.EnergyCounter;
        Activity? activity = null;
        PowerWindow power;
        long started;
        // The board settles under the same load first, so that rates and power are over the same span. A counter has no readings
        // to leave out and starts after that.
        if (counter && Run(window with { Duration = settle }, cancel) is null)
        {
            problem = null;
            return null;
        }

        source.Start();
        started = clock.GetTimestamp();
        try
        {
            if (counter || Run(window with { Duration = settle }, cancel) is not null)
            {
                activity = Run(window with { Duration = window.Duration - settle }, cancel);
            }
        }
        finally
        {
            power = source.Stop();
        }

        if (activity is null)
        {
            problem = null;
            return null;
        }

        problem = power.Invalid ?? Disturbed(activity, before, options.Conditions?.Invoke());
        if (problem is not null)
        {
            return null;
        }

        return counter
            ? Counted(window, activity, power, out problem)
            : Sampled(window, activity, power, power.Started ?? started, out problem);
    }

    private Activity? Run(PlannedWindow window, CancellationToken cancel) => window.Kind switch
    {
        WindowKind.Idle => workload.Idle(window.Duration, cancel),
        WindowKind.Empty => workload.Empty(window.Repeats, window.Duration, cancel),
        WindowKind.Layer => workload.Layer(window.Layer, window.Duration, cancel),
        WindowKind.Network => workload.Network(window.Duration, cancel),
        _ => workload.Boosted(window.Layer, window.Repeats, window.Duration, cancel),
    };

    private static string? Disturbed(Activity activity, Conditions? before, Conditions? after)
    {
        if (!(activity.Duration > 0))
        {
            return "the clock ran backwards";
        }

        if (before is not null && after is not null)
        {
            if (after.ThrottleEvents > before.ThrottleEvents)
            {
                return "the processor throttled";
            }

            // Other governors change the frequency between a window and the rest around it, as they should.
            if (activity.Runs > 0 && before.Governor is "performance" or "userspace"
                && Math.Abs((after.FrequencyMHz - before.FrequencyMHz) ?? 0) > FrequencyChange * before.FrequencyMHz)
            {
                return "the processor's frequency changed";
            }
        }

        // A few long runs have a rate that is known to a run only.
        double grain = activity.Runs > 0 ? 3.0 / activity.Runs : 0;
        return activity.Runs > 3 && Math.Abs((activity.LateRate / activity.EarlyRate) - 1) > RateChange + grain
            ? "the processor's speed changed within the window"
            : null;
    }

    private Observation? Sampled(PlannedWindow window, Activity activity, PowerWindow power, long started, out string? problem)
    {
        double offset = (double)started / clock.TimestampFrequency;
        // Readings are placed at the middle of what they are over; the end of one must not reach into the rest that follows.
        double ahead = source.Traits.Averaging.Value / 2;
        double from = activity.Begin.Value - offset;
        double to = activity.End.Value - offset - ahead;
        var readings = new List<PowerSample>();
        double energy = 0;
        double lowest = double.PositiveInfinity;
        double highest = double.NegativeInfinity;
        int samples = 0;
        double first = double.NaN;
        double last = double.NaN;
        foreach (int rail in summed)
        {
            readings.Clear();
            // Also those that may repeat a conversion: a source that cannot tell which do is asked at even times, and to leave out
            // what did not change would count steady parts of a run less than others.
            readings.AddRange(power.Samples.Where(s => s.Rail == rail && s.Time.Value >= from && s.Time.Value <= to));
            int fresh = readings.Count(r => r.IsFresh);
            if (fresh < FewestSamples)
            {
                problem = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{source.Rails[rail].Name} gave {fresh} new readings in {Math.Max(0, to - from) * 1e3:F0} ms");
                return null;
            }

            first = readings[0].Time.Value;
            last = readings[^1].Time.Value;
            energy += PhaseMean.TryOf(readings, activity.RunTimes, offset, out double mean) ? mean : MeanPower(readings, rail, first, last);
            lowest = Math.Min(lowest, readings.Min(r => r.Power.Value));
            highest = Math.Max(highest, readings.Max(r => r.Power.Value));
            samples += fresh;
        }

        problem = null;
        Remember(activity, energy);
        return new Observation(window, activity, new Watts(energy), new Seconds(last - first), samples / summed.Count, lowest, highest);
    }

    // Readings that come evenly are averaged, each with the same weight: a trapezoid would count those at the ends half.
    private static double MeanPower(List<PowerSample> readings, int rail, double first, double last)
    {
        double mean = readings.Average(r => r.Power.Value);
        double pace = (last - first) / (readings.Count - 1);
        bool even = true;
        for (int i = 1; i < readings.Count && even; i++)
        {
            even = (readings[i].Time - readings[i - 1].Time).Value < 2.5 * pace;
        }

        return even
            ? mean
            : SampleIntegral.Energy([.. readings], rail, new Seconds(first), new Seconds(last)).Value / (last - first);
    }

    private Observation? Counted(PlannedWindow window, Activity activity, PowerWindow power, out string? problem)
    {
        double watts = summed.Sum(rail => power.Energy[rail].Value) / power.Duration.Value;
        problem = double.IsFinite(watts) && watts >= 0 ? null : "the counter gave no usable energy";
        if (problem is not null)
        {
            return null;
        }

        Remember(activity, watts);
        return new Observation(window, activity, new Watts(watts), power.Duration, 1, watts, watts);
    }

    private void Remember(Activity activity, double watts)
    {
        if (trace.Count < MostTrace)
        {
            trace.Add((activity.Begin.Value, watts));
            trace.Add((activity.End.Value, watts));
        }
    }
}
