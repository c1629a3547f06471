using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors;

/// <summary>A source whose board is simulated on a real clock: it must be told what the processor draws.</summary>
public interface ISimulatedLoad
{
    /// <summary>From now on the processor draws this much above idle.</summary>
    void SetLoad(Watts power);
}
