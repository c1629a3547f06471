using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Checks;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Checks;

public sealed class NoiseAnalysisTests
{
    private static readonly PowerRail[] Rails = [new("A", RailRole.Total), new("B", RailRole.Detail)];

    [Fact]
    public void White_noise_falls_with_the_root_of_the_window()
    {
        var random = new Random(7);
        SensorNoise noise = Of(200, 1000, _ => 5 + (0.1 * Gauss(random)));
        Assert.Equal(5, noise.Mean.Value, 0.002);
        Assert.Equal(0.1, noise.Deviation.Value, 0.002);
        // Means over n readings of white noise have σ/√n: 1 s has 1000.
        Assert.Equal(0.1 / Math.Sqrt(1000), PerRootSecond(noise, 0.8), 0.3 * 0.1 / Math.Sqrt(1000));
        Assert.Equal(1.96 * Math.Sqrt(2) * 0.1 / Math.Sqrt(1000), noise.Visible(new Seconds(1)).Value, 0.3 * 1.96 * Math.Sqrt(2) * 0.1 / Math.Sqrt(1000));
        Assert.True(noise.Visible(new Seconds(10)) < noise.Visible(new Seconds(0.1)));
        Assert.InRange(noise.DriftPerMinute.Value, -4 * noise.DriftError.Value, 4 * noise.DriftError.Value);
    }

    [Fact]
    public void Two_windows_differ_by_more_than_is_called_visible_in_a_twentieth_of_cases()
    {
        var random = new Random(11);
        SensorNoise noise = Of(300, 200, _ => 5 + (0.1 * Gauss(random)));
        double visible = noise.Visible(new Seconds(0.5)).Value;
        int exceeded = 0;
        for (int i = 0; i < 2000; i++)
        {
            double Mean() => Enumerable.Range(0, 100).Average(_ => 0.1 * Gauss(random));
            exceeded += Math.Abs(Mean() - Mean()) > visible ? 1 : 0;
        }

        Assert.InRange(exceeded / 2000.0, 0.025, 0.085);
    }

    [Fact]
    public void Drift_is_found_and_bounds_what_long_windows_show()
    {
        var random = new Random(3);
        SensorNoise noise = Of(60, 500, t => 5 + (0.02 * t) + (0.01 * Gauss(random)));
        Assert.Equal(1.2, noise.DriftPerMinute.Value, 0.02);
        Assert.True(noise.Points[^1].Deviation > noise.Points[2].Deviation);
    }

    [Fact]
    public void A_converter_that_never_leaves_a_step_is_not_called_noiseless()
    {
        SensorNoise noise = Of(10, 100, _ => 4.8, step: 0.04);
        Assert.Equal(0, noise.Deviation.Value, 12);
        Assert.Equal(0.02, noise.Visible(new Seconds(10)).Value, 12);
    }

    [Fact]
    public void Too_short_a_time_is_an_error() =>
        Assert.Contains("too few", Assert.Throws<SensorException>(() => Of(0.3, 10, _ => 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_s_share_follows_from_its_power()
    {
        SensorNoise noise = Of(10, 100, _ => 4.8, step: 0.04);
        var model = new ModelResolution(new Seconds(2e-3), new Watts(4.8), new Watts(6.8));
        Assert.Equal(4e-3, model.Dynamic.Value, 12);
        Assert.Equal(0.01, model.Share(noise.Visible(new Seconds(10))), 9);
        Assert.Equal(double.PositiveInfinity, (model with { Load = new Watts(4.81) }).Share(noise.Visible(new Seconds(10))));
    }

    private static double PerRootSecond(SensorNoise noise, double window)
    {
        AllanPoint point = noise.Points.First(p => p.Window.Value >= window);
        return point.Deviation.Value * Math.Sqrt(point.Window.Value);
    }

    private static SensorNoise Of(double seconds, double rate, Func<double, double> power, double step = 0)
    {
        var samples = new List<PowerSample>();
        for (int i = 0; i < seconds * rate; i++)
        {
            double t = (i + 0.5) / rate;
            samples.Add(new PowerSample(new Seconds(t), 0, new Watts(power(t)), IsFresh: true));
            samples.Add(new PowerSample(new Seconds(t), 1, new Watts(99), IsFresh: true));
        }

        var window = new PowerWindow(new Seconds(seconds), [default, default], samples, Provenance.Simulated("test"), null);
        return NoiseAnalysis.Of(window, Rails, new PowerTraits(new Seconds(1 / rate), default, new Watts(step), default, PowerReadout.Samples));
    }

    private static double Gauss(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
