using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Simulation.Parts;
using FsCheck;
using FsCheck.Fluent;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

/// <summary>What every part on the bus owes: each round once, none twice, none mixed, and the integral of the supply.</summary>
public sealed class SamplingTests
{
    public static TheoryData<string, int, double, double> Rates => new()
    {
        // part, bus clock, conversion times against typical, latest wake-up in µs
        { "ina219", 400_000, 1.0, 0 },
        { "ina219", 400_000, 0.9, 100 },
        { "ina219", 400_000, 1.1, 100 },
        { "ina219", 100_000, 1.07, 150 },
        { "ina219", 1_000_000, 0.95, 50 },
        { "ina226", 400_000, 1.0, 0 },
        { "ina226", 400_000, 0.93, 100 },
        { "ina226", 100_000, 1.1, 150 },
        { "ina3221", 400_000, 1.0, 0 },
        { "ina3221", 400_000, 1.08, 60 },
        { "ina3221", 100_000, 0.97, 100 },
    };

    [Theory]
    [MemberData(nameof(Rates))]
    public void At_least_nine_rounds_in_ten_are_read(string kind, int hertz, double factor, double latest)
    {
        I2cBench bench = Bench(kind, hertz, factor, now => new Wave(now));
        Late(bench, latest);
        using IPowerSource source = bench.Open();
        source.Start();
        long before = bench.Part.Completed;
        long seen = bench.Part.Seen;
        bench.Time.Advance(3);
        PowerWindow window = source.Stop();
        long completed = bench.Part.Completed - before;
        Assert.Null(window.Invalid);
        Assert.True(bench.Part.Seen - seen >= 0.9 * completed, $"{bench.Part.Seen - seen} of {completed} rounds were read");
        int samples = window.Samples.Count / source.Rails.Count;
        Assert.True(samples >= 0.9 * completed, $"{samples} readings of {completed} rounds");
        Assert.True(samples <= completed + 1, $"{samples} readings of {completed} rounds");
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void No_round_counts_twice_and_shunt_and_bus_belong_together(string kind, int hertz, double factor, double latest)
    {
        // Current and voltage both rise, so that a reading out of two rounds differs from either.
        I2cBench bench = Bench(kind, hertz, factor, now => new Wave(now) { Amperes = 0.1, AmperesPerSecond = 0.4, Volts = 3, VoltsPerSecond = 3 });
        Late(bench, 2 * latest);
        using IPowerSource source = bench.Open();
        PowerWindow window = bench.Window(source, 3);
        double started = bench.Started;
        Assert.Null(window.Invalid);
        double period = source.Traits.Period.Value * factor;
        for (int rail = 0; rail < source.Rails.Count; rail++)
        {
            PowerSample[] samples = [.. window.Samples.Where(s => s.Rail == rail)];
            Assert.True(samples.Length > 100);
            for (int i = 0; i < samples.Length; i++)
            {
                double t = started + samples[i].Time.Value;
                double amperes = 0.1 + (0.4 * t);
                double volts = 3 + (3 * t);
                // Time is known to a tenth of a round; the bus converts within a round of the shunt; one step of each register.
                double lag = period;
                double wrong = (0.4 * 0.1 * period * volts) + (3 * lag * amperes) + (Steps(kind).Amperes * volts) + (Steps(kind).Volts * amperes);
                Assert.True(Math.Abs(samples[i].Power.Value - (amperes * volts)) < wrong, $"{samples[i]} where {amperes * volts} W ± {wrong} flowed");
                Assert.True(i == 0 || samples[i].Power > samples[i - 1].Power && samples[i].Time > samples[i - 1].Time, $"{samples[i]} is a round that was read before");
            }
        }
    }

    [Fact]
    public void The_energy_of_a_window_is_the_integral_of_the_supply_within_quantisation()
    {
        Gen<(string, int, double, double, double, double, int, int)> cases =
            from kind in Gen.Elements("ina219", "ina226", "ina3221")
            from setting in Gen.Choose(0, 7)
            from load in Gen.Choose(10, 90)
            from volts in Gen.Choose(30, 120)
            from factor in Gen.Choose(90, 110)
            from hertz in Gen.Elements(100_000, 400_000, 1_000_000)
            from seed in Gen.Choose(0, 1 << 20)
            from ohms in Gen.Elements(0.005, 0.01, 0.02, 0.1)
            select (kind, setting, load / 100.0, volts / 10.0, factor / 100.0, ohms, hertz, seed);
        Prop.ForAll(cases.ToArbitrary(), c => Energy(c.Item1, c.Item2, c.Item3, c.Item4, c.Item5, c.Item6, c.Item7, c.Rest.Item1))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [Theory]
    [InlineData("ina219")]
    [InlineData("ina226")]
    [InlineData("ina3221")]
    public void A_second_window_knows_nothing_of_the_first(string kind)
    {
        I2cBench bench = Bench(kind, 400_000, 1.03, now => new Wave(now) { AmperesPerSecond = 0.1 });
        using IPowerSource source = bench.Open();
        bench.Window(source, 0.5);
        bench.Time.Advance(2);
        PowerWindow window = bench.Window(source, 0.5);
        Assert.Null(window.Invalid);
        double middle = bench.Started + (window.Duration.Value / 2);
        Assert.Equal((1 + (0.1 * middle)) * 5, (window.Energy[0] / window.Duration).Value, (Steps(kind).Amperes * 5) + Steps(kind).Volts + 0.002);
    }

    [Fact]
    public void Polling_allocates_nothing()
    {
        I2cBench bench = Bench("ina219", 400_000, 1.0, now => new Wave(now));
        using IPowerSource source = bench.Open();
        source.Start();
        bench.Time.Advance(2);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bench.Time.Advance(5);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(source.Stop().Samples.Count > 5000);
        Assert.True(allocated < 1024, $"{allocated} bytes for 4700 readings");
    }

    private static bool Energy(string kind, int setting, double load, double volts, double factor, double ohms, int hertz, int seed)
    {
        double fullScale = kind switch { "ina219" => 0.32, "ina226" => 0.0819, _ => 0.1638 };
        double amperes = load * fullScale / ohms;
        // A slow swing of a tenth, so that the law is tested on something that moves and sampling adds next to nothing.
        var wave = (Func<double> now) => new Wave(now) { Amperes = amperes, Amplitude = 0.1 * amperes, Hertz = 2, Volts = volts };
        var bench = new I2cBench(kind, ohms, wave, hertz, new ConverterErrors { TimeFactor = factor, Seed = seed });
        bench.Entry = kind == "ina219"
            ? bench.Entry with { Averages = setting == 0 ? null : 1 << setting, AdcBits = setting == 0 ? 12 : null }
            : bench.Entry with { ConversionMicroseconds = setting < 2 ? null : new[] { 140, 204, 332, 588, 1100, 2116, 4156, 8244 }[setting] };
        var random = new Random(seed);
        bench.Time.Lateness = () => random.NextDouble() * 60e-6;
        using IPowerSource source = Open(bench, out bool isTooSlow);
        if (isTooSlow)
        {
            return true;
        }

        source.Start();
        double from = bench.Time.Now;
        double length = 1.5 + random.NextDouble();
        bench.Time.Advance(length);
        double to = bench.Time.Now;
        PowerWindow window = source.Stop();
        double truth = bench.Line.MeanAmperes(new(from), new(to)) * volts * (to - from);
        (double step, double busStep) = (StepVolts(kind) / ohms, Steps(kind).Volts);
        double period = source.Traits.Period.Value * factor;
        double w = 2 * Math.PI * 2;
        // Half a step of each register all the time, and what the swing does within the two rounds at the ends and between readings.
        double swing = 0.1 * amperes * volts;
        double wrong = ((0.5 * step * volts) + (0.5 * busStep * 1.1 * amperes)) * (to - from)
            + (swing * w * 2 * period * 2 * period) + (swing * w * w * period * period / 12 * (to - from)) + (swing * w * 0.1 * period * (to - from) / 10);
        double difference = Math.Abs(window.Energy[0].Value - truth);
        return window.Invalid is null && difference <= wrong
            ? true
            : throw new InvalidOperationException($"{kind} {setting} at {hertz} Hz, {ohms} Ω: {window.Energy[0]} against {truth} J, {difference} > {wrong}; {window.Invalid}");
    }

    private static IPowerSource Open(I2cBench bench, out bool isTooSlow)
    {
        try
        {
            isTooSlow = false;
            return bench.Open();
        }
        catch (Onnx.InputException e) when (e.Message.Contains("too long to read", StringComparison.Ordinal))
        {
            isTooSlow = true;
            return new ModelledPowerSource(Device.Load("host"), bench.Time);
        }
    }

    private static I2cBench Bench(string kind, int hertz, double factor, Func<Func<double>, Wave> line) =>
        new(kind, kind == "ina226" ? 0.02 : 0.1, line, hertz, new ConverterErrors { TimeFactor = factor });

    private static void Late(I2cBench bench, double microseconds)
    {
        var random = new Random(7);
        bench.Time.Lateness = () => random.NextDouble() * microseconds * 1e-6;
    }

    private static double StepVolts(string kind) => kind switch { "ina219" => 10e-6, "ina226" => 2.5e-6, _ => 40e-6 };

    // Of the bench's shunts.
    private static (double Amperes, double Volts) Steps(string kind) => kind switch
    {
        "ina219" => (10e-6 / 0.1, 4e-3),
        "ina226" => (2.5e-6 / 0.02, 1.25e-3),
        _ => (40e-6 / 0.1, 8e-3),
    };
}
