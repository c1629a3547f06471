using System.Diagnostics.CodeAnalysis;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Power;

/// <summary>
/// The one owner of the board's power sensor in the service. The sensor is open only while somebody listens or a window is
/// open, and it is given up for a measurement that a child process makes with it.
/// </summary>
/// <param name="device">The board.</param>
/// <param name="open">Opens its sensor; null where it has none.</param>
/// <param name="busySeconds">Processor seconds of inference so far, for the modelled power of a board without a sensor.</param>
/// <param name="time">The clock.</param>
internal sealed class PowerMonitor(Device device, Func<IPowerSource?> open, Func<double> busySeconds, TimeProvider time) : IEnergyWindow, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DescribedFor = TimeSpan.FromMinutes(1);
    private const double PeriodsForAWindow = 25;
    private const double ShortestWindow = 0.2;

    private readonly Lock gate = new();
    private readonly EnergyModel model = new(device);
    private readonly bool hasSensor = PowerSources.Chosen(device) is not null;
    private readonly List<PowerSample> live = [];
    private IPowerSource? source;
    private string? problem;
    private long problemSince;
    private string? holder;
    private int listeners;
    private bool liveWindow;
    private bool energyWindow;
    private ITimer? timer;
    private (long At, double Busy)? modelled;
    private (long At, IReadOnlyList<SensorAnswer> Sensors)? described;
    private TaskCompletionSource<PowerReading> next = Signal();

    /// <inheritdoc/>
    public Seconds Shortest
    {
        get
        {
            lock (gate)
            {
                return !hasSensor ? default : new Seconds(Math.Max(ShortestWindow, PeriodsForAWindow * (source?.Traits.Period.Value ?? 0)));
            }
        }
    }

    /// <summary>The next reading. Only while there are listeners is there one.</summary>
    public Task<PowerReading> NextAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return next.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Keeps the readings coming until it is disposed of.</summary>
    public IDisposable Listen()
    {
        lock (gate)
        {
            if (listeners++ == 0)
            {
                timer = time.CreateTimer(_ => Tick(), null, TimeSpan.Zero, Period);
            }
        }

        return new Release(() =>
        {
            lock (gate)
            {
                if (--listeners == 0)
                {
                    timer?.Dispose();
                    timer = null;
                    modelled = null;
                    CloseWindow();
                    CloseIfIdle();
                }
            }
        });
    }

    /// <summary>Gives the sensor up for somebody else until it is disposed of.</summary>
    /// <param name="why">What listeners are told.</param>
    public IDisposable Hold(string why)
    {
        lock (gate)
        {
            CloseWindow();
            energyWindow = false; // its TryStop finds no window: thrown away
            CloseSource();
            holder = why;
        }

        return new Release(() =>
        {
            lock (gate)
            {
                holder = null;
            }
        });
    }

    /// <summary>What the board's power is told by.</summary>
    public IReadOnlyList<SensorAnswer> Describe()
    {
        lock (gate)
        {
            if (described is { } known && (time.GetElapsedTime(known.At) < DescribedFor || holder is not null))
            {
                return known.Sensors;
            }

            SensorAnswer[] sensors = Look();
            described = (time.GetTimestamp(), sensors);
            return sensors;
        }
    }

    /// <inheritdoc/>
    public bool TryStart()
    {
        lock (gate)
        {
            if (holder is not null || energyWindow || !TryOpen())
            {
                return false;
            }

            CloseWindow();
            energyWindow = TryBegin();
            return energyWindow;
        }
    }

    /// <inheritdoc/>
    public bool TryStop([NotNullWhen(true)] out EnergyReading? reading)
    {
        lock (gate)
        {
            reading = null;
            if (!energyWindow || source is null)
            {
                return false;
            }

            energyWindow = false;
            PowerTraits traits = source.Traits;
            IReadOnlyList<int> summed = PowerRail.Summed(source.Rails);
            if (TryEnd(out PowerWindow? window) && window.Invalid is null && summed.Count > 0)
            {
                reading = WindowFigure.Of(window, summed, traits);
            }

            CloseIfIdle();
            return reading is not null;
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            timer?.Dispose();
            timer = null;
            CloseSource();
        }
    }

    private void Tick()
    {
        if (!gate.TryEnter())
        {
            return; // a part that answers slowly must not pile up ticks
        }

        try
        {
            if (timer is not null && Read() is { } reading)
            {
                TaskCompletionSource<PowerReading> done = next;
                next = Signal();
                done.TrySetResult(reading);
            }
        }
        finally
        {
            gate.Exit();
        }
    }

    private PowerReading? Read()
    {
        DateTimeOffset now = time.GetUtcNow();
        if (!hasSensor)
        {
            return Modelled(now);
        }

        if (holder is not null)
        {
            return Nothing(now, holder);
        }

        if (!TryOpen())
        {
            return Nothing(now, problem!);
        }

        if (energyWindow)
        {
            return OfSamples(now);
        }

        PowerReading? reading = liveWindow ? OfWindow(now) : null;
        liveWindow = source is not null && TryBegin();
        return reading ?? (problem is null ? null : Nothing(now, problem));
    }

    // What inference keeps busy, by the device file's coefficients: no sensor was read, and the word says so.
    private PowerReading? Modelled(DateTimeOffset now)
    {
        (long At, double Busy) current = (time.GetTimestamp(), busySeconds());
        (long At, double Busy)? before = modelled;
        modelled = current;
        if (before is not { } last)
        {
            return null;
        }

        double seconds = time.GetElapsedTime(last.At, current.At).TotalSeconds;
        var busy = new Seconds(Math.Max(0, current.Busy - last.Busy));
        double joules = model.Dynamic(new Workload(busy, 1, 0, 0)).Value + (model.Idle.Value * seconds);
        return seconds > 0 ? new PowerReading(now, joules / seconds, model.Provenance.Word, model.Provenance.Source, [], null) : null;
    }

    private PowerReading? OfWindow(DateTimeOffset now)
    {
        liveWindow = false;
        if (!TryEnd(out PowerWindow? window))
        {
            return null;
        }

        if (window.Invalid is { } why || !(window.Duration.Value > 0))
        {
            problem = window.Invalid ?? "the window has no length";
            return null;
        }

        problem = null;
        return Reading(now, [.. window.Energy.Select(e => e.Value / window.Duration.Value)]);
    }

    private PowerReading? OfSamples(DateTimeOffset now)
    {
        live.Clear();
        try
        {
            while (source!.TryTake(out PowerSample sample))
            {
                if (sample.IsFresh)
                {
                    live.Add(sample);
                }
            }
        }
        catch (SensorException)
        {
            return null; // the window's end tells
        }

        double?[] means = [.. Enumerable.Range(0, source.Rails.Count).Select(r => live.Where(s => s.Rail == r).Select(s => (double?)s.Power.Value).Average())];
        return means.All(m => m is not null) ? Reading(now, [.. means.Select(m => m!.Value)]) : null;
    }

    private PowerReading Reading(DateTimeOffset now, double[] watts) => new(
        now,
        PowerRail.Summed(source!.Rails) is { Count: > 0 } summed ? summed.Sum(r => watts[r]) : null,
        source.Provenance.Word,
        source.Name,
        [.. source.Rails.Select((r, i) => new RailReading(r.Name, watts[i]))],
        null);

    private PowerReading Nothing(DateTimeOffset now, string why) => new(now, null, source?.Provenance.Word ?? "", source?.Name ?? "", [], why);

    private SensorAnswer[] Look()
    {
        PowerSourceEntry? entry = PowerSources.Chosen(device);
        if (entry is null)
        {
            return [new SensorAnswer(PowerSourceEntry.Modelled, model.Provenance.Source, null, "ok", model.Provenance.Word)];
        }

        if (holder is not null || !TryOpen())
        {
            return [new SensorAnswer(entry.Kind, entry.Kind, null, holder ?? problem ?? "not looked at yet", null)];
        }

        SensorAnswer[] found = source!.Rails.Count == 0
            ? [new SensorAnswer(entry.Kind, source.Name, null, "ok", source.Provenance.Word)]
            : [.. source.Rails.Select(r => new SensorAnswer(entry.Kind, source.Name, r.Name, "ok", source.Provenance.Word))];
        CloseIfIdle();
        return found;
    }

    private bool TryOpen()
    {
        if (source is not null)
        {
            return true;
        }

        if (!hasSensor || (problem is not null && problemSince != 0 && time.GetElapsedTime(problemSince) < RetryAfter))
        {
            return false;
        }

        try
        {
            source = open();
            problem = source is null ? "the device has no sensor" : null;
            problemSince = 0;
        }
        catch (SensorException e)
        {
            Fail(e);
        }

        return source is not null;
    }

    private bool TryBegin()
    {
        try
        {
            source!.Start();
            return true;
        }
        catch (SensorException e)
        {
            Fail(e);
            return false;
        }
    }

    private bool TryEnd([NotNullWhen(true)] out PowerWindow? window)
    {
        try
        {
            window = source!.Stop();
            return true;
        }
        catch (SensorException e)
        {
            Fail(e);
            window = null;
            return false;
        }
    }

    private void Fail(SensorException e)
    {
        problem = e.Message;
        problemSince = time.GetTimestamp();
        (liveWindow, energyWindow) = (false, false);
        CloseSource();
    }

    private void CloseWindow()
    {
        if (liveWindow)
        {
            liveWindow = false;
            TryEnd(out _);
        }
    }

    private void CloseIfIdle()
    {
        if (listeners == 0 && !energyWindow)
        {
            CloseSource();
        }
    }

    private void CloseSource()
    {
        IPowerSource? gone = source;
        source = null;
        (liveWindow, energyWindow) = (false, false);
        gone?.Dispose();
    }

    private static TaskCompletionSource<PowerReading> Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Release(Action action) : IDisposable
    {
        private Action? once = action;

        public void Dispose() => Interlocked.Exchange(ref once, null)?.Invoke();
    }
}
