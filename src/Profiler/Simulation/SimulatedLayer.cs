using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>The truth about one layer.</summary>
/// <param name="Time">Seconds of one execution at full speed.</param>
/// <param name="Power">Watts above idle while it runs.</param>
public readonly record struct SimulatedLayer(Seconds Time, Watts Power)
{
    /// <summary>Joules above idle of one execution.</summary>
    public Joules Energy => Power * Time;
}
