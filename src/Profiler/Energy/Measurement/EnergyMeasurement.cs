using System.Globalization;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>
/// Measures what the network and each of its layers take, from the totals of windows in which the board does one thing. Sensors
/// give 10 to 2000 readings a second and a layer takes microseconds: aligning readings with layers cannot work, and breaks for
/// good behind a supply with capacitors.
/// </summary>
public sealed class EnergyMeasurement
{
    private const int MostFailuresInARow = 5;
    private const double LongestFailure = 5;
    // A machine that disturbs more windows than this is not one to measure on.
    private const double MostDiscarded = 0.5;
    private const int FewestToBeFrozen = 10;
    private const double MostFrozen = 0.2;
    private const int FewestAtWork = 3;
    private const double FewestUnrests = 4;
    private const double OtherSpeed = 0.1;

    private readonly IEnergyWorkload workload;
    private readonly IPowerSource source;
    private readonly TimeProvider clock;
    private readonly EnergyMeasurementOptions options;
    private readonly List<Observation> observations = [];
    private readonly Dictionary<string, int> discarded = new(StringComparer.Ordinal);

    public EnergyMeasurement(IEnergyWorkload workload, IPowerSource source, TimeProvider clock, EnergyMeasurementOptions options)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(source);
        this.workload = workload;
        this.source = source;
        this.clock = clock;
        this.options = options;
    }

    /// <summary>Runs the windows and fits the energies. A run that cannot be trusted is returned as invalid, with its reason.</summary>
    /// <exception cref="SensorException">The source cannot be started at all.</exception>
    public EnergyMeasurementResult Run(IProgress<ProfileProgress>? progress = null, CancellationToken cancel = default)
    {
        var plan = new MeasurementPlan(workload, source.Traits, options);
        var recorder = new WindowRecorder(workload, source, clock, plan.Settle, options);
        long began = clock.GetTimestamp();
        string? invalid = Measure(plan, recorder, progress, cancel);
        Seconds took = new(clock.GetElapsedTime(began).TotalSeconds);
        if (invalid is null)
        {
            DropOtherSpeeds();
            invalid = Frozen();
        }

        if (invalid is null)
        {
            DropFrozen();
            invalid = Distrusted();
        }

        if (invalid is null)
        {
            DropOutliers(plan);
            invalid = Incomplete(plan);
        }

        var windows = new WindowCounts(observations.Count, discarded.Values.Sum(), discarded.ToDictionary());
        return invalid is not null
            ? EnergyMeasurementResult.Refused(invalid, source.Provenance, windows, took, recorder.Trace)
            : EnergyFit.Solve(observations, workload, source, options, plan) with
            {
                Windows = windows,
                Took = took,
                Trace = recorder.Trace,
                Plan = plan.Describe(),
            };
    }

    private string? Measure(MeasurementPlan plan, WindowRecorder recorder, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        int planned = 0;
        int failures = 0;
        long lastGood = clock.GetTimestamp();
        Take(plan.Idle());
        for (int block = 0; block < plan.Blocks; block++)
        {
            // What was disturbed is measured again at the end of its block, so that each block is complete.
            var waiting = new Queue<PlannedWindow>(plan.Block());
            int tries = 3 * waiting.Count;
            double blockWindows = waiting.Count;
            while (waiting.TryDequeue(out PlannedWindow? window))
            {
                cancel.ThrowIfCancellationRequested();
                double done = (block + ((blockWindows - waiting.Count) / blockWindows)) / plan.Blocks;
                progress?.Report(new ProfileProgress("measuring energy", Math.Clamp(done, 0, 0.99)));
                planned++;
                if (Take(window) is { } problem)
                {
                    if (HasFailed())
                    {
                        return $"{failures} windows in a row could not be used: {problem}";
                    }

                    if (--tries <= 0)
                    {
                        return Worst();
                    }

                    waiting.Enqueue(window);
                }

                if (Take(plan.Idle()) is { } atRest && HasFailed())
                {
                    return $"{failures} windows in a row could not be used: {atRest}";
                }
            }
        }

        return discarded.Values.Sum() > MostDiscarded * 2 * planned ? Worst() : null;

        // A sensor may be gone for a moment; one that stays away ends the run early.
        bool HasFailed() => failures >= MostFailuresInARow && clock.GetElapsedTime(lastGood).TotalSeconds > LongestFailure;

        string? Take(PlannedWindow window)
        {
            Observation? seen = recorder.Record(window, out string? problem, cancel);
            if (seen is not null)
            {
                observations.Add(seen);
                failures = 0;
                lastGood = clock.GetTimestamp();
            }
            else if (problem is not null)
            {
                failures++;
                Discard(problem);
            }
            else
            {
                plan.Unboost(window.Layer);
            }

            return problem;
        }
    }

    private string Worst()
    {
        (string reason, int count) = discarded.MaxBy(d => d.Value);
        return $"{discarded.Values.Sum()} windows could not be used, {count} of them because: {reason}";
    }

    // Reasons hold times; counted without them.
    private void Discard(string reason)
    {
        string kind = string.Concat(reason.Where(c => !char.IsAsciiDigit(c)));
        string key = discarded.Keys.FirstOrDefault(k => string.Concat(k.Where(c => !char.IsAsciiDigit(c))) == kind) ?? reason;
        discarded[key] = discarded.GetValueOrDefault(key) + 1;
    }

    // A window in which the board ran at another speed than in the others like it is not one of them.
    private void DropOtherSpeeds()
    {
        const double strange = 0.05;
        foreach (IGrouping<(WindowKind, int, int), Observation> alike in observations.Where(o => o.Activity.Runs > 0)
            .GroupBy(o => (o.Window.Kind, o.Window.Layer, o.Window.Repeats)).ToArray())
        {
            double[] paces = [.. alike.Select(o => o.Activity.Runs / o.Activity.Duration)];
            double usual = Statistics.Order.Median(paces);
            double spread = Statistics.Order.Median([.. paces.Select(p => Math.Abs(p - usual))]);
            foreach (Observation o in alike.Where(o => Math.Abs((o.Activity.Runs / o.Activity.Duration) - usual) > Math.Max(strange * usual, 6 * spread)))
            {
                Drop(o, "the processor ran at another speed than in the other windows");
            }
        }
    }

    private string? Frozen()
    {
        int frozen = FrozenWindows().Count;
        return frozen > observations.Count * MostFrozen
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{source.Name} said {FrozenWindows()[0].Power.Value:G4} W without any change in {frozen} of {observations.Count} windows, at rest and at work: it is stuck, or not on the board's supply")
            : null;
    }

    private void DropFrozen()
    {
        foreach (Observation o in FrozenWindows())
        {
            Drop(o, "the reading did not change");
        }
    }

    // A sensor that hangs repeats one value, and says with many parts that it is new. One with coarse steps repeats values too,
    // but not the same at rest and at work.
    private IReadOnlyList<Observation> FrozenWindows() =>
    [
        .. observations.Where(o => o.Samples >= FewestToBeFrozen && o.Highest == o.Lowest)
            .GroupBy(o => o.Highest)
            .Where(g => g.Any(o => o.Window.Kind == WindowKind.Idle) && g.Count(o => o.Window.Kind != WindowKind.Idle) >= FewestAtWork)
            .SelectMany(g => g),
    ];

    // Something else used the board for a while, or a reading was garbled. What most windows say decides.
    private void DropOutliers(MeasurementPlan plan)
    {
        foreach (int index in EnergyFit.Outliers(observations, workload, source, options, plan).OrderDescending())
        {
            Drop(observations[index], "the power does not fit the other windows");
        }
    }

    private void Drop(Observation observation, string reason)
    {
        observations.Remove(observation);
        Discard(reason);
    }

    // What is left must still hold every layer.
    private string? Incomplete(MeasurementPlan plan)
    {
        foreach (int layer in plan.Layers)
        {
            if (!observations.Any(o => o.Window.Layer == layer))
            {
                return $"no window of layer {layer} could be used: {Worst()}";
            }
        }

        return observations.Count(o => o.Window.Kind == WindowKind.Network) < 2 ? $"too few windows of the network could be used: {Worst()}" : null;
    }

    private string? Distrusted()
    {
        Observation[] rest = [.. observations.Where(o => o.Window.Kind == WindowKind.Idle)];
        Observation[] busy = [.. observations.Where(o => o.Window.Kind != WindowKind.Idle)];
        if (rest.Length < 2 || busy.Length == 0)
        {
            return "too few windows could be used";
        }

        if (!busy.Any(b => b.Window.Kind == WindowKind.Network))
        {
            return "no window of the network could be used";
        }

        double idle = Statistics.Order.Median([.. rest.Select(r => r.Power.Value)]);
        double network = Statistics.Order.Median([.. busy.Where(b => b.Window.Kind == WindowKind.Network).Select(b => b.Power.Value)]);
        double unrest = Statistics.Order.Median([.. rest.Select(r => Math.Abs(r.Power.Value - idle))]);
        if (network - idle <= Math.Max(FewestUnrests * unrest, source.Traits.Resolution.Value / 4))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{source.Name} says {network:G4} W at work and {idle:G4} W at rest: it is not on the processor's supply, or the board was not at rest");
        }

        double pace = Statistics.Order.Median(
            [.. busy.Where(b => b.Window.Kind == WindowKind.Network).Select(b => b.Activity.Duration / b.Activity.Runs)]);
        if (pace < workload.NetworkSeconds * (1 - OtherSpeed)
            || pace > Math.Max(workload.NetworkSeconds, workload.SlowNetworkSeconds) * (1 + OtherSpeed))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"a run took {pace * 1e3:G4} ms while energy was measured and {workload.NetworkSeconds * 1e3:G4} ms when it was timed: the processor throttled or something else ran");
        }

        if (options.PlausibleIdle is { } plausible && (idle < plausible.Low.Value || idle > plausible.High.Value))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"the board at rest draws {idle:G3} W by {source.Name}; the device file holds {plausible.Low.Value:G3} to {plausible.High.Value:G3} W possible. Check shunt_ohm, or the wiring");
        }

        return null;
    }
}
