using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy;

/// <summary>An energy with its interval and where it comes from.</summary>
/// <param name="Dynamic">Joules above idle.</param>
/// <param name="Total">Joules with the board's idle power during the time.</param>
/// <param name="Provenance">Measured, counted, modelled or simulated, and by what.</param>
public sealed record EnergyFigure(Interval Dynamic, Interval Total, Provenance Provenance);
