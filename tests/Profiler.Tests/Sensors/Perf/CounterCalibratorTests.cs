using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

public sealed class CounterCalibratorTests
{
    private const double Idle = 2.5;

    private static readonly Dictionary<string, double> Truth = new()
    {
        ["cycles"] = 0.6e-9,
        ["instructions"] = 0.4e-9,
        ["cache-misses"] = 30e-9,
    };

    private static readonly string[] Events = ["cycles", "instructions", "cache-misses", "bus-cycles", "branches", "cache-references"];

    [Theory]
    [InlineData(6)]
    [InlineData(4)]
    [InlineData(3)]
    public void Coefficients_are_recovered_from_a_noisy_sensor_and_collinear_counters(int capacity)
    {
        var machine = new SimulatedMachine(Truth, Idle);
        CalibrationRun run = Calibrate(machine, new SimulatedSensor(machine, noise: 0.003), new SimulatedHost(machine, capacity, Events), seed: 1);

        CounterCalibration made = run.Calibration;
        Assert.InRange(made.IdleWatts, Idle * 0.99, Idle * 1.01);
        Assert.InRange(made.Error.WorstPercent, 0, 8);
        Assert.InRange(made.Condition, 1, 30);
        Assert.InRange(made.Coefficients.Count, 2, capacity);

        // cache-misses and bus-cycles stand in one ratio here, so that either may carry the energy of both.
        double memory = Coefficient(made, "cache-misses") + (4 * Coefficient(made, "bus-cycles"));
        Assert.InRange(Coefficient(made, "cycles"), 0.6e3 * 0.85, 0.6e3 * 1.15);
        Assert.InRange(memory, 30e3 * 0.9, 30e3 * 1.1);
    }

    [Fact]
    public void The_stated_error_is_that_of_workloads_that_were_never_seen()
    {
        var ratios = new List<double>();
        int worstHeld = 0;
        const int Trials = 25;
        for (int seed = 0; seed < Trials; seed++)
        {
            var machine = new SimulatedMachine(Truth, Idle);
            CounterCalibration made = Calibrate(
                machine, new SimulatedSensor(machine, 0.002, seed), new SimulatedHost(machine, 4, Events), seed, unseen: 0.15).Calibration;
            var random = new Random(1000 + seed);
            double[] errors = [.. Enumerable.Range(0, 200).Select(i => Error(made, SimulatedWorkload.Random($"new {i}", machine, random, 0.15)))];
            ratios.Add(Order.Median(errors) / made.Error.MedianPercent);
            worstHeld += Order.Percentile(errors, 80) <= made.Error.WorstPercent ? 1 : 0;
        }

        // A median of 16 workloads scatters; over many calibrations it must neither flatter nor frighten. The worst of 16 lies above
        // the 80th percentile in 97 of 100 cases.
        Assert.InRange(Order.Median([.. ratios]), 0.75, 1.33);
        Assert.InRange(worstHeld, Trials * 8 / 10, Trials);
    }

    [Fact]
    public void A_window_that_the_sensor_calls_invalid_is_measured_again()
    {
        var machine = new SimulatedMachine(Truth, Idle);
        var sensor = new SimulatedSensor(machine) { InvalidEvery = 5 };
        CalibrationRun run = Calibrate(machine, sensor, new SimulatedHost(machine, 6, Events), seed: 2);
        Assert.InRange(run.Repeated, 5, sensor.Windows / 4);
        Assert.InRange(run.Calibration.Error.WorstPercent, 0, 1);
    }

    [Fact]
    public void A_sensor_that_never_gives_a_valid_window_ends_with_its_reason()
    {
        var machine = new SimulatedMachine(Truth, Idle);
        var problem = Assert.Throws<SensorException>(() =>
            Calibrate(machine, new SimulatedSensor(machine) { InvalidEvery = 1 }, new SimulatedHost(machine, 6, Events), seed: 3));
        Assert.Contains("lost the bus", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Counters_that_run_backwards_or_are_shared_end_with_their_reason()
    {
        var machine = new SimulatedMachine(Truth, Idle);
        var backwards = new SimulatedHost(machine, 6, Events) { Distort = (e, c) => e == "branches" ? c with { Value = ulong.MaxValue - c.Enabled } : c };
        var problem = Assert.Throws<SensorException>(() => Calibrate(machine, new SimulatedSensor(machine), backwards, seed: 4));
        Assert.Contains("branches went backwards", problem.Message, StringComparison.Ordinal);

        var shared = new SimulatedHost(machine, 6, Events) { Distort = (_, c) => c with { Running = c.Running / 2 } };
        problem = Assert.Throws<SensorException>(() => Calibrate(machine, new SimulatedSensor(machine), shared, seed: 4));
        Assert.Contains("50 % of the time", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_that_cannot_be_counted_together_are_not_chosen_together()
    {
        var machine = new SimulatedMachine(Truth, Idle);
        var apart = new SimulatedHost(machine, 2, ["cycles", "instructions", "cache-misses"]) { Conflicts = [("cache-misses", "cycles"), ("cache-misses", "instructions")] };
        CounterCalibration made = Calibrate(machine, new SimulatedSensor(machine), apart, seed: 5).Calibration;
        Assert.False(made.Coefficients.Any(c => c.Event == "cache-misses") && made.Coefficients.Count > 1);
    }

    [Fact]
    public void A_sensor_that_sees_another_board_gives_no_calibration()
    {
        var machine = new SimulatedMachine(new Dictionary<string, double> { ["cycles"] = 0 }, Idle);
        var problem = Assert.Throws<SensorException>(() => Calibrate(machine, new SimulatedSensor(machine), new SimulatedHost(machine, 6, Events), seed: 6));
        Assert.Contains("does the sensor see this board?", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_source_that_measures_can_be_calibrated_against()
    {
        var machine = new SimulatedMachine(Truth, Idle);
        var host = new SimulatedHost(machine, 6, Events);
        Assert.Contains("modelled", Assert.Throws<SensorException>(() => new CounterCalibrator(
            new SimulatedSensor(machine) { Provenance = Provenance.Modelled("coefficients") }, host, machine)).Message, StringComparison.Ordinal);
        Assert.Contains("no rail", Assert.Throws<SensorException>(() => new CounterCalibrator(
            new SimulatedSensor(machine) { Rails = [new PowerRail("core", RailRole.Detail)] }, host, machine)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_made_from_the_calibration_tells_the_energy_of_new_work()
    {
        var machine = new SimulatedMachine(Truth, Idle);
        var host = new SimulatedHost(machine, 6, Events);
        CounterCalibration made = Calibrate(machine, new SimulatedSensor(machine, 0.002), host, seed: 7).Calibration;
        PerfEvent[] events = [.. made.Coefficients.Select(c => new PerfEvent(c.Event, 0, 0, true, ""))];
        using var source = new CounterPowerSource(made, host.Open(events), machine);
        double before = machine.Energy;
        source.Start();
        SimulatedWorkload.Random("new", machine, new Random(9), 0).Run(new Seconds(3));
        PowerWindow window = source.Stop();
        Assert.Null(window.Invalid);
        Assert.Equal(3, window.Duration.Value, 6);
        Assert.InRange(window.Energy[0].Value / (machine.Energy - before), 0.97, 1.03);
        Assert.Equal(ProvenanceKind.Counted, window.Provenance.Kind);
        Assert.Contains("cross-validated error", window.Provenance.ToString(), StringComparison.Ordinal);
    }

    private static double Coefficient(CounterCalibration made, string name) => made.Coefficients.FirstOrDefault(c => c.Event == name)?.Picojoules ?? 0;

    private static double Error(CounterCalibration made, SimulatedWorkload work)
    {
        double predicted = made.Coefficients.Sum(c => c.Picojoules * 1e-12 * work.Rates[c.Event]);
        return Math.Abs(predicted - work.DynamicWatts) / work.DynamicWatts * 100;
    }

    private static CalibrationRun Calibrate(SimulatedMachine machine, IPowerSource sensor, ICounterHost host, int seed, double unseen = 0)
    {
        var random = new Random(seed);
        SimulatedWorkload[] workloads = [.. Enumerable.Range(0, 16).Select(i => SimulatedWorkload.Random($"work {i}", machine, random, unseen))];
        using var idle = new SimulatedWorkload("idle", machine, new Dictionary<string, double> { ["cycles"] = 1e6 });
        return new CounterCalibrator(sensor, host, machine).Run(
            "test", "performance", workloads, idle, new CalibrationOptions { Seed = seed, Budget = new Seconds(400) }, null, TestContext.Current.CancellationToken);
    }
}
