using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Units;

public sealed class UnitsTests
{
    [Fact]
    public void Power_over_time_is_energy()
    {
        Assert.Equal(new Joules(6), new Watts(2) * new Seconds(3));
        Assert.Equal(new Watts(2), new Joules(6) / new Seconds(3));
        Assert.Equal(new Seconds(3), new Joules(6) / new Watts(2));
        Assert.Equal(1.5, new Seconds(0.0015).Milliseconds, 12);
        Assert.Equal(4.6, Joules.FromPicojoules(4.6).Value * 1e12, 9);
    }

    [Fact]
    public void Modelled_energy_is_what_the_coefficients_say()
    {
        Device device = Device.Load("host") with { Coefficients = new EnergyCoefficients(new Watts(2), new Watts(1), 5, 10) };
        var model = new EnergyModel(device);
        var work = new Workload(new Seconds(0.001), 2, 1_000_000_000, 100_000_000);
        Assert.Equal(0.002 + 0.005 + 0.001, model.Dynamic(work).Value, 12);
        Assert.Equal(0.008 + 0.002, model.Total(work).Value, 12);
        EnergyFigure figure = model.Of(new Interval(0.001, 0.0005, 0.002, 9, 0.96), work);
        Assert.Equal(0.008, figure.Dynamic.Median, 12);
        Assert.Equal(0.004 + 0.006 + 0.004, figure.Total.High, 12);
        Assert.Equal("modelled", figure.Provenance.Word);
    }

    [Fact]
    public void The_modelled_source_books_idle_time_and_reported_work()
    {
        Device device = Device.Load("host") with { Coefficients = new EnergyCoefficients(new Watts(2), new Watts(1), 5, 10) };
        var clock = new StepClock();
        using var source = new ModelledPowerSource(device, clock);
        source.Start();
        clock.Advance(TimeSpan.FromSeconds(3));
        source.Report(new Workload(new Seconds(1), 1, 0, 0));
        Assert.False(source.TryTake(out _));
        PowerWindow window = source.Stop();
        Assert.Equal(7, window.Energy[0].Value, 9);
        Assert.Equal(ProvenanceKind.Modelled, window.Provenance.Kind);
        Assert.Throws<InvalidOperationException>(() => source.Stop());
    }

    private sealed class StepClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Advance(TimeSpan by) => now += by.Ticks;
    }
}
