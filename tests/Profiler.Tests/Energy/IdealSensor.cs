using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Energy;

/// <summary>A converter without registers: mean power of each conversion, with gain error, noise and quantisation.</summary>
internal sealed class IdealSensor(ISupplyLine line, double period, double gain, double noise, double step, int seed) : IPoller
{
    private readonly Random random = new(seed);

    /// <summary>A source around any poller that reads one rail.</summary>
    public static SampledPowerSource Around(IPoller poller, VirtualTime time, double period, double step = 0, double accuracy = 0) =>
        new(
            "an ideal sensor",
            Provenance.Simulated("an ideal sensor"),
            [new PowerRail("board", RailRole.Total)],
            new PowerTraits(new Seconds(period), new Seconds(period), new Watts(step), default, PowerReadout.Samples) { RelativeAccuracy = accuracy },
            poller,
            time,
            time);

    public static SampledPowerSource Source(
        SimulatedBoard board, VirtualTime time, double period, double gain = 1, double noise = 0, double step = 0, double accuracy = 0, int seed = 0) =>
        Around(new IdealSensor(board, period, gain, noise, step, seed), time, period, step, accuracy);

    public void Begin()
    {
    }

    public Seconds Poll(Seconds now, SampleSink sink)
    {
        Seconds to = line.Now;
        Seconds from = to - new Seconds(period);
        double watts = line.MeanAmperes(from, to) * line.MeanVolts(from, to) * gain;
        watts += noise * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        watts = step > 0 ? Math.Round(watts / step) * step : watts;
        sink.Add(now - new Seconds(period / 2), 0, new Watts(watts));
        return now + new Seconds(period);
    }

    public void Dispose()
    {
    }
}
