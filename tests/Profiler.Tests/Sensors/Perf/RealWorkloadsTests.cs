using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>
/// The whole way with real models in the real runtime and real counts of the kernel; only the power is made, out of the time that this
/// process really spends on cores. Not in parallel with other tests: their work would be the idle board's.
/// </summary>
[Collection(Serial.Name)]
public sealed class RealWorkloadsTests
{
    private const double Idle = 2;
    private const double BusyCore = 1.5;

    [Fact]
    public void Power_that_follows_the_time_on_cores_is_found_and_kept_and_told()
    {
        PerfEvent[] events = [PerfEvents.Kernel.Single(e => e.Name == PerfEvents.TaskClock)];
        bool counts = PerfCounters.TryOpen(events, "/", out PerfCounters? clock, out PerfFailure? failure);
        Assert.SkipUnless(counts, $"this system lets nobody count: {failure?.Problem}");
        using var sensor = new TaskClockSensor(clock!);
        var host = new SoftwareHost(events);
        CounterCalibration made = Calibrate(sensor, host);

        Assert.InRange(made.Coefficients.Single(c => c.Event == PerfEvents.TaskClock).Picojoules, BusyCore * 1e3 * 0.95, BusyCore * 1e3 * 1.05);
        Assert.InRange(made.Error.MedianPercent, 0, 5);

        using var folder = new TempFolder();
        string path = folder.File("this.counters.json");
        CounterCalibrationFile.Save(made, path);
        CounterCalibration read = CounterCalibrationFile.Load(path);
        using var source = new CounterPowerSource(
            read, host.Open([.. read.Coefficients.Select(c => PerfEvents.Find(c.Event, []))]), TimeProvider.System);
        sensor.Start();
        source.Start();
        BusyThread.For(0.2);
        PowerWindow counted = source.Stop();
        PowerWindow measured = sensor.Stop();
        Assert.Null(counted.Invalid);
        Assert.InRange(counted.Energy[0].Value / measured.Energy[0].Value, 0.9, 1.1);
    }

    private static CounterCalibration Calibrate(IPowerSource sensor, ICounterHost host)
    {
        IReadOnlyList<ICalibrationWorkload> workloads = CalibrationWorkloads.Make(2, 0, TimeProvider.System);
        try
        {
            using var idle = new IdleWorkload();
            return new CounterCalibrator(sensor, host, TimeProvider.System).Run(
                "this", null, workloads, idle, new CalibrationOptions { Budget = new Seconds(1), Window = new Seconds(0.03) }, null, TestContext.Current.CancellationToken)
                .Calibration;
        }
        finally
        {
            foreach (ICalibrationWorkload workload in workloads)
            {
                workload.Dispose();
            }
        }
    }

    private sealed class SoftwareHost(IReadOnlyList<PerfEvent> events) : ICounterHost
    {
        public string Processor => "software events";

        public int Capacity => 1;

        public IReadOnlyList<IReadOnlyList<PerfEvent>> Groups => [events];

        public ICounters Open(IReadOnlyList<PerfEvent> wanted) =>
            PerfCounters.TryOpen(wanted, "/", out PerfCounters? counters, out PerfFailure? failure) ? counters! : throw failure!.ToException();
    }

    private sealed class TaskClockSensor(PerfCounters clock) : IPowerSource
    {
        private readonly int column = clock.Events.ToList().IndexOf(PerfEvents.TaskClock);
        private (long Time, IReadOnlyList<RawCount> Counts) started;

        public string Name => "time on cores";

        public Provenance Provenance { get; } = Provenance.Measured("time on cores");

        public IReadOnlyList<PowerRail> Rails { get; } = [new PowerRail("board", RailRole.Total)];

        public PowerTraits Traits { get; } = new(default, default, default, default, PowerReadout.EnergyCounter);

        public void Start() => started = (TimeProvider.System.GetTimestamp(), clock.Read());

        public bool TryTake(out PowerSample sample)
        {
            sample = default;
            return false;
        }

        public PowerWindow Stop()
        {
            CounterDelta delta = CounterDelta.Between(started.Counts, clock.Read(), clock.Events);
            Seconds duration = new(TimeProvider.System.GetElapsedTime(started.Time).TotalSeconds);
            return new PowerWindow(duration, [new Joules((Idle * duration.Value) + (BusyCore * 1e-9 * delta.Counts[column]))], [], Provenance, delta.Problem);
        }

        public void Dispose() => clock.Dispose();
    }
}
