using System.Diagnostics;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.I2cRig;

/// <summary>A supply of constant current and voltage in real time.</summary>
internal sealed class SteadySupply(double amperes, double volts) : ISupplyLine
{
    private readonly long started = Stopwatch.GetTimestamp();

    public Seconds Now => new(Stopwatch.GetElapsedTime(started).TotalSeconds);

    public double MeanAmperes(Seconds from, Seconds to) => amperes;

    public double MeanVolts(Seconds from, Seconds to) => volts;
}
