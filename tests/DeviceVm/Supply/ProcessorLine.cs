using EdgePrune.DeviceVm.Kernel;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.DeviceVm.Supply;

/// <summary>
/// The supply of a board whose power follows one process: P = idle + active · (the processor's share that the process has).
/// The scheduler's own account of the process is read every few milliseconds and whenever a part asks for the time; between
/// two readings the power is constant, so that the energy over any interval between readings is exact and none is lost.
/// What else runs in the guest, this simulator above all, costs no power: only the process that is watched is the board's work.
/// </summary>
internal sealed class ProcessorLine : ISupplyLine, IDisposable
{
    private const int PauseMilliseconds = 5;

    // Ten seconds are more than any part averages over.
    private const int Kept = 1 << 14;

    private readonly TimeProvider clock;
    private readonly long started;
    private readonly double volts;
    private readonly Lock gate = new();
    private readonly Reading[] readings = new Reading[Kept];
    private readonly Thread observer;
    private long count;
    private int process;
    private double busy;
    private double busyBefore;
    private volatile bool stop;

    public ProcessorLine(TimeProvider clock, double volts, Watts idle, Watts active)
    {
        this.clock = clock;
        this.volts = volts;
        Idle = idle;
        Active = active;
        started = clock.GetTimestamp();
        observer = new Thread(Observe) { IsBackground = true, Name = "observer" };
        observer.Start();
    }

    /// <summary>Power with the process at rest.</summary>
    public Watts Idle { get; }

    /// <summary>Power that it adds while it has the processor.</summary>
    public Watts Active { get; }

    public Seconds Now
    {
        get
        {
            lock (gate)
            {
                return new Seconds(Take().Time);
            }
        }
    }

    /// <summary>The processor time, of all processes watched so far, that has been turned into power.</summary>
    public Seconds Busy
    {
        get
        {
            lock (gate)
            {
                _ = Take();
                return new Seconds(busy);
            }
        }
    }

    /// <summary>From now on the power follows that process.</summary>
    public void Watch(int processId)
    {
        lock (gate)
        {
            _ = Take();
            process = processId;
            busyBefore = busy;
        }
    }

    public double MeanAmperes(Seconds from, Seconds to)
    {
        lock (gate)
        {
            double length = to.Value - from.Value;
            double share = length > 0 ? (BusyAt(to.Value) - BusyAt(from.Value)) / length : 0;
            return (Idle.Value + (Active.Value * share)) / volts;
        }
    }

    public double MeanVolts(Seconds from, Seconds to) => volts;

    public void Dispose()
    {
        stop = true;
        observer.Join();
    }

    private void Observe()
    {
        while (!stop)
        {
            _ = Now;
            Thread.Sleep(PauseMilliseconds);
        }
    }

    private Reading Take()
    {
        if (process != 0 && LibC.TryProcessorTime(process, out long nanoseconds))
        {
            busy = Math.Max(busy, busyBefore + (nanoseconds * 1e-9));
        }

        var reading = new Reading(clock.GetElapsedTime(started).TotalSeconds, busy);
        readings[count++ % Kept] = reading;
        return reading;
    }

    /// <summary>Processor time until an instant: straight between the two readings around it.</summary>
    private double BusyAt(double time)
    {
        long oldest = Math.Max(0, count - Kept);
        if (count == 0 || time >= readings[(count - 1) % Kept].Time)
        {
            return busy;
        }

        // The first reading that is later than the instant.
        long low = oldest, high = count - 1;
        while (low < high)
        {
            long middle = (low + high) / 2;
            if (readings[middle % Kept].Time > time)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        Reading after = readings[low % Kept];
        if (low == oldest)
        {
            return after.Busy;
        }

        Reading before = readings[(low - 1) % Kept];
        return before.Busy + ((after.Busy - before.Busy) * (time - before.Time) / (after.Time - before.Time));
    }

    private readonly record struct Reading(double Time, double Busy);
}
