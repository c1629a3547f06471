using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Energy;

/// <summary>
/// What goes wrong while energy is measured. Each case either ends in an invalid run that says why, or in figures that are
/// right in spite of it; never in figures that are wrong.
/// </summary>
public class MeasurementFaultTests
{
    private const double Budget = 60;
    private const double Period = 1e-3;
    private static readonly SimulatedLayer[] Network =
    [
        .. Enumerable.Range(0, 12).Select(i => new SimulatedLayer(
            Seconds.FromMicroseconds(60 * (1 + (i % 5))), new Watts(0.8 + (0.2 * (i % 4))))),
    ];

    private static readonly SimulatedLayer Overhead = new(Seconds.FromMicroseconds(6), new Watts(0.8));

    public static TheoryData<string> Names => [.. Cases().Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fault_is_survived_or_named(string name)
    {
        Case tried = Cases().Single(c => c.Name == name);
        var setting = new Setting(tried.Physics ?? Physics);
        tried.Arrange?.Invoke(setting);
        EnergyMeasurementResult result = setting.Measure();
        if (tried.Reason is { } reason)
        {
            Assert.NotNull(result.Invalid);
            Assert.Contains(reason, result.Invalid, StringComparison.Ordinal);
            Assert.Null(result.Network);
            Assert.Empty(result.Layers);
            return;
        }

        Assert.Null(result.Invalid);
        double truth = Network.Sum(l => l.Energy.Value) + Overhead.Energy.Value;
        Assert.InRange(result.Network!.Dynamic.Median / truth, 0.97, 1.03);
        for (int i = 0; i < Network.Length; i++)
        {
            Assert.InRange(result.Layers[i]!.Figure.Dynamic.Median / Network[i].Energy.Value, 0.95, 1.05);
        }

        if (tried.Discarded is { } discarded)
        {
            Assert.Contains(result.Windows.Reasons.Keys, r => r.Contains(discarded, StringComparison.Ordinal));
        }
    }

    private static BoardPhysics Physics => new() { Idle = new Watts(1.5), BackgroundWatts = 0.002 };

    // Reason: part of that of an invalid run, null where the figures must be right. Discarded: part of a reason for which a
    // window must have been thrown away.
    private sealed record Case(string Name, Action<Setting>? Arrange = null, string? Reason = null, string? Discarded = null, BoardPhysics? Physics = null);

    private static IEnumerable<Case> Cases() =>
    [
        new("nothing wrong"),
        new("sensor vanishes for good", s => s.Fault = (t, w) => t > 20 ? throw new SensorException("INA219 at i2c-1 0x40: no acknowledge") : (w, true), "INA219 at i2c-1 0x40: no acknowledge"),
        new("sensor vanishes for two seconds", s => s.Fault = (t, w) => t is > 20 and < 22 ? throw new SensorException("no acknowledge") : (w, true), Discarded: "no acknowledge"),
        new("sensor vanishes again and again", s => s.Fault = (t, w) => t % 0.3 < 0.05 ? throw new SensorException("no acknowledge") : (w, true), "no acknowledge"),
        new("sensor answers again after a restart of its bus", s => s.Fault = (t, w) => t is > 10 and < 10.4 or > 30 and < 30.4 ? throw new SensorException("bus error") : (w, true), Discarded: "bus error"),
        new("value stuck from the beginning", s => s.Fault = (_, _) => (2.25, true), "it is stuck"),
        new("value stuck for a while, called new", s => s.Fault = (t, w) => (t is > 20 and < 25 ? 2.25 : w, true), Discarded: "did not change"),
        new("value stuck for a while, called old", s => s.Fault = (t, w) => (t is > 20 and < 22 ? 2.25 : w, t is <= 20 or >= 22), Discarded: "new reading"),
        new("value stuck from the middle on", s => s.Fault = (t, w) => (t > 25 ? 2.25 : w, true), "stuck"),
        new("no new readings at all", s => s.Fault = (_, w) => (w, false), "0 new readings"),
        new("not a number now and then", s => s.Fault = (t, w) => (t is > 20 and < 20.01 ? double.NaN : w, true), Discarded: "not a number"),
        new("not a number always", s => s.Fault = (_, _) => (double.NaN, true), "not a number"),
        new("infinite power", s => s.Fault = (_, _) => (double.PositiveInfinity, true), "not a number"),
        new("a garbled reading of a kilowatt", s => s.Fault = (t, w) => (t is > 20 and < 20.0011 ? 1000 : w, true), Discarded: "does not fit"),
        new("sensor the wrong way round", s => s.Fault = (_, w) => (-w, true), "at work and"),
        new("sensor on another rail", s => s.Fault = (t, _) => (0.7 + (0.001 * Math.Sin(t * 1e5)), true), "is not on the processor's supply"),
        new("wrong shunt, ten times", s => { s.Fault = (_, w) => (w * 10, true); s.Plausible = (new Watts(0.5), new Watts(4)); }, "Check shunt_ohm"),
        new("wrong shunt, a tenth", s => { s.Fault = (_, w) => (w / 10, true); s.Plausible = (new Watts(0.5), new Watts(4)); }, "Check shunt_ohm"),
        new("clock of the sensor runs backwards", s => s.SampleClock = t => t > 0.2 ? 0.4 - t : t, "run backwards"),
        new("clock of the host jumps backwards once", s => s.Activity = (a, n) => n == 31 ? a with { End = a.Begin - new Seconds(1) } : a, Discarded: "clock ran backwards"),
        new("clock of the host always runs backwards", s => s.Activity = (a, _) => a with { End = a.Begin - new Seconds(1) }, "clock ran backwards"),
        new("readings with gaps", s => s.Fault = (t, w) => (w, t is <= 20 or >= 20.5), Discarded: "no new reading for"),
        new("throttled for three seconds", s => s.At(20, 23, (b, on) => Throttle(b, on)), Discarded: "speed"),
        new("throttled for three seconds, told by the kernel", s => { s.ReadConditions = true; s.At(20, 23, (b, on) => Throttle(b, on)); }, Discarded: "throttled"),
        new("throttled throughout", s => s.At(0, 1000, (b, on) => Throttle(b, on)), "throttled or something else ran"),
        new("throttled from the middle on", s => s.At(25, 1000, (b, on) => Throttle(b, on)), "throttled or something else ran"),
        new("throttled again and again", s => { for (int i = 0; i < 100; i++) { s.At(i * 0.7, (i * 0.7) + 0.35, (b, on) => Throttle(b, on)); } }, "something else ran"),
        new("another program for two seconds", s => s.Fault = (t, w) => (t is > 20 and < 22 ? w + 1.2 : w, true), Discarded: "does not fit"),
        new("idle power that drifts by a tenth", s => s.Fault = (t, w) => (w + (0.15 * Math.Min(1, t / 60)), true)),
        new("a board that warms up and leaks", Physics: Physics with { ThermalTime = new Seconds(30), LeakagePerKelvin = 0.02, KelvinPerWatt = 10 }),
        new("a supply with a millisecond of capacitors", Physics: Physics with { SupplyFilter = Seconds.FromMilliseconds(1) }),
        new("a restless background", Physics: Physics with { BackgroundWatts = 0.02, BackgroundTime = new Seconds(0.5) }),
        new("a governor that wakes up late", Physics: Physics with { GovernorDelay = Seconds.FromMilliseconds(8) }),
        new("a weak supply", Physics: Physics with { LineOhms = 0.3 }),
        new("runs that take unequal times", s => s.Jitter = 0.05),
        new("readings that come late", s => s.SampleClock = t => t - 2e-3),
        new("readings that come at odd times", s => s.SampleClock = t => t + (0.4e-3 * Math.Sin(t * 1e6))),
        new("a sensor with coarse steps", s => s.Step = 0.05),
        new("a sensor with five per cent noise", s => s.Noise = 0.1),
    ];

    private static void Throttle(SimulatedBoard board, bool on)
    {
        if (on)
        {
            board.Throttle();
        }
        else
        {
            board.Recover();
        }
    }

    private sealed class Setting
    {
        private readonly VirtualTime time = new();
        private readonly SimulatedBoard board;
        private readonly List<(double At, Action<SimulatedBoard> Do)> events = [];

        public Setting(BoardPhysics physics) => board = new SimulatedBoard(physics, time, seed: 5);

        public Func<double, double, (double Watts, bool IsFresh)> Fault { get; set; } = (_, w) => (w, true);

        public Func<double, double>? SampleClock { get; set; }

        public Func<Activity, int, Activity> Activity { get; set; } = (a, _) => a;

        public (Watts Low, Watts High)? Plausible { get; set; }

        public bool ReadConditions { get; set; }

        public double Jitter { get; set; } = 0.003;

        public double Step { get; set; }

        public double Noise { get; set; } = 0.003;

        public void At(double from, double to, Action<SimulatedBoard, bool> change)
        {
            events.Add((from, b => change(b, true)));
            events.Add((to, b => change(b, false)));
        }

        public EnergyMeasurementResult Measure()
        {
            events.Sort((a, b) => a.At.CompareTo(b.At));
            int next = 0;
            void Happen(Seconds now)
            {
                while (next < events.Count && events[next].At <= now.Value)
                {
                    events[next++].Do(board);
                }
            }

            var workload = new SimulatedWorkload(board, time, Network, Overhead, Jitter, seed: 7) { AfterRun = Happen };
            var sensor = new FaultyPoller(new IdealSensor(board, Period, 1, Noise, Step, seed: 9), time, Fault) { Clock = SampleClock };
            using SampledPowerSource source = IdealSensor.Around(sensor, time, Period, Step);
            var options = new EnergyMeasurementOptions
            {
                Budget = new Seconds(Budget),
                Seed = 11,
                PlausibleIdle = Plausible,
                Conditions = ReadConditions ? () => new Conditions(1, "performance", 1500, 50, board.ThrottleEvents, 0) : null,
            };
            return new EnergyMeasurement(new FaultyWorkload(workload, Activity), source, time, options).Run();
        }
    }
}
