using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Bench;

/// <summary>A supply line of constant voltage whose current (amperes) is a sine around a mean: its integrals are known exactly.</summary>
internal sealed class BenchLine(BenchTime time, double volts, double mean, double swing = 0, double hertz = 1) : ISupplyLine
{
    public Seconds Now => time.Now;

    public double MeanAmperes(Seconds from, Seconds to) =>
        to <= from ? mean + (swing * Math.Sin(2 * Math.PI * hertz * from.Value)) : mean + ((Integral(to.Value) - Integral(from.Value)) / (to - from).Value);

    public double MeanVolts(Seconds from, Seconds to) => volts;

    /// <summary>Joules from one time to another.</summary>
    public double Joules(double from, double to) => volts * MeanAmperes(new Seconds(from), new Seconds(to)) * (to - from);

    private double Integral(double t) => -swing * Math.Cos(2 * Math.PI * hertz * t) / (2 * Math.PI * hertz);
}
