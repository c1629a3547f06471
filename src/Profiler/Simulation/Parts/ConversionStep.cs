namespace EdgePrune.Profiler.Simulation.Parts;

/// <summary>One conversion of a round.</summary>
/// <param name="IsShunt">The shunt voltage, or else the bus voltage.</param>
/// <param name="Channel">From 0.</param>
/// <param name="Duration">Typical time in seconds.</param>
public readonly record struct ConversionStep(bool IsShunt, int Channel, double Duration);
