using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

public sealed class CalibrationWorkloadsTests
{
    [Fact]
    public void All_workloads_run_in_the_runtime()
    {
        IReadOnlyList<ICalibrationWorkload> workloads = CalibrationWorkloads.Make(threads: 2, seed: 0, TimeProvider.System);
        try
        {
            Assert.All(workloads, w => w.Run(new Seconds(1e-3)));
            Assert.Equal(workloads.Count, workloads.DistinctBy(w => w.Name).Count());
            Assert.InRange(workloads.Select(w => new CounterObservation(w.Name, 0, []).Relatives).Distinct().Count(), 15, 40);
        }
        finally
        {
            Assert.All(workloads, w => w.Dispose());
        }
    }

    [Fact]
    public void A_workload_at_half_duty_sleeps_as_long_as_it_works()
    {
        var busy = new Busy();
        using var half = new DutyCycledWorkload(busy, 0.5, TimeProvider.System);
        long start = TimeProvider.System.GetTimestamp();
        half.Run(new Seconds(0.5));
        double passed = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Assert.Equal("busy@50%", half.Name);

        // Sleeping can only last longer than asked for, so that half is the most.
        Assert.InRange(busy.Worked / passed, 0, 0.6);
        Assert.InRange(passed, 0.5, double.MaxValue);
        Assert.True(busy.Worked > 0);
    }

    private sealed class Busy : ICalibrationWorkload
    {
        public string Name => "busy";

        public double Worked { get; private set; }

        public void Run(Seconds duration)
        {
            Thread.Sleep(TimeSpan.FromSeconds(duration.Value));
            Worked += duration.Value;
        }

        public void Dispose()
        {
        }
    }
}
