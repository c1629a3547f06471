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
    private static readonly TimeSpan DescribedFor = TimeSpan.FromMinutes(1);
    private const double PeriodsForAWindow = 25;
    private const double ShortestWindow = 0.3; // below this the start and the end of a loop would show

    private readonly Lock gate = new();
    private readonly EnergyModel model = new(device);
    private readonly ModelledPower modelled = new(new EnergyModel(device), busySeconds, time);
    private readonly PowerSourceEntry? entry = PowerSources.Chosen(device);
    private readonly SensorHandle sensor = new(open, time);
    private string? holder;
    private double? sensorPeriod;
    private int listeners;
    private bool liveWindow;
    private bool energyWindow;
    private ITimer? timer;
    private PowerReading? latest;
    private (long At, IReadOnlyList<SensorAnswer> Sensors)? described;
    private TaskCompletionSource<PowerReading> next = Signal();

    /// <inheritdoc/>
    public Seconds Shortest
    {
        get
        {
            lock (gate)
            {
                if (entry is not null && sensorPeriod is null && holder is null && sensor.TryOpen())
                {
                    sensorPeriod = sensor.Source.Traits.Period.Value;
                    CloseIfIdle();
                }

                return entry is null ? default : new Seconds(Math.Max(ShortestWindow, PeriodsForAWindow * (sensorPeriod ?? 0)));
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

    /// <summary>The last reading while readings come; null: nobody listens, or none has come yet.</summary>
    public PowerReading? Latest
    {
        get
        {
            lock (gate)
            {
                return latest;
            }
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
                    latest = null;
                    modelled.Forget();
                    EndLiveWindow();
                    CloseIfIdle();
                }
            }
        });
    }

    /// <summary>Gives the sensor up for somebody else until it is disposed of. A window that is open is thrown away.</summary>
    /// <param name="why">What listeners are told.</param>
    public IDisposable Hold(string why)
    {
        lock (gate)
        {
            Close();
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
            if (entry is null || holder is not null || energyWindow || !sensor.TryOpen())
            {
                return false;
            }

            EndLiveWindow();
            energyWindow = sensor.TryBegin();
            return energyWindow;
        }
    }

    /// <inheritdoc/>
    public bool TryStop([NotNullWhen(true)] out EnergyReading? reading)
    {
        lock (gate)
        {
            reading = null;
            if (!energyWindow || sensor.Source is not { } source)
            {
                return false;
            }

            energyWindow = false;
            PowerTraits traits = source.Traits;
            IReadOnlyList<int> summed = PowerRail.Summed(source.Rails);
            if (sensor.TryEnd(out PowerWindow? window) && summed.Count > 0)
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
            Close();
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
                latest = reading;
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
        if (entry is null)
        {
            return modelled.Read(now);
        }

        if (holder is not null || !sensor.TryOpen())
        {
            return Nothing(now, holder ?? sensor.Problem);
        }

        if (energyWindow)
        {
            return sensor.Take() is { } taken ? Reading(now, sensor.Source, taken) : null;
        }

        PowerReading? reading = null;
        if (liveWindow)
        {
            IPowerSource source = sensor.Source;
            reading = sensor.TryEnd(out PowerWindow? window)
                ? Reading(now, source, [.. window.Energy.Select(e => e.Value / window.Duration.Value)])
                : Nothing(now, sensor.Problem);
        }

        liveWindow = sensor.TryBegin();
        return reading;
    }

    private static PowerReading Reading(DateTimeOffset now, IPowerSource source, double[] watts) => new(
        now,
        PowerRail.Summed(source.Rails) is { Count: > 0 } summed ? summed.Sum(r => watts[r]) : null,
        source.Provenance.Word,
        source.Name,
        [.. source.Rails.Select((r, i) => new RailReading(r.Name, watts[i]))],
        null);

    private PowerReading Nothing(DateTimeOffset now, string? why) =>
        new(now, null, sensor.Source?.Provenance.Word ?? "", sensor.Source?.Name ?? entry!.Kind, [], why ?? "no reading has come");

    private SensorAnswer[] Look()
    {
        if (entry is null)
        {
            return [new SensorAnswer(PowerSourceEntry.Modelled, model.Provenance.Source, null, "ok", model.Provenance.Word)];
        }

        if (holder is not null || !sensor.TryOpen())
        {
            return [new SensorAnswer(entry.Kind, entry.Kind, null, holder ?? sensor.Problem ?? "not looked at yet", null)];
        }

        IPowerSource source = sensor.Source;
        SensorAnswer[] found = source.Rails.Count == 0
            ? [new SensorAnswer(entry.Kind, source.Name, null, "ok", source.Provenance.Word)]
            : [.. source.Rails.Select(r => new SensorAnswer(entry.Kind, source.Name, r.Name, "ok", source.Provenance.Word))];
        CloseIfIdle();
        return found;
    }

    private void EndLiveWindow()
    {
        if (liveWindow)
        {
            liveWindow = false;
            sensor.TryEnd(out _);
        }
    }

    private void CloseIfIdle()
    {
        if (listeners == 0 && !energyWindow)
        {
            Close();
        }
    }

    private void Close()
    {
        (liveWindow, energyWindow) = (false, false);
        sensor.Close();
    }

    private static TaskCompletionSource<PowerReading> Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Release(Action action) : IDisposable
    {
        private Action? once = action;

        public void Dispose() => Interlocked.Exchange(ref once, null)?.Invoke();
    }
}
