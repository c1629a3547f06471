using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Power;

/// <summary>What a window has cost.</summary>
/// <param name="Energy">Joules of the whole board in the window, idle power included, with the interval of that figure.</param>
/// <param name="Duration">Length of the window.</param>
/// <param name="Provenance">Measured, counted, modelled or simulated, and by what. The verdict names it.</param>
internal sealed record EnergyReading(Interval Energy, Seconds Duration, Provenance Provenance);
