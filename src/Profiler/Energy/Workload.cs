using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy;

/// <summary>What was executed, as far as the modelled energy depends on it.</summary>
/// <param name="Time">How long it took.</param>
/// <param name="BusyCores">Cores that were busy during it.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Bytes">Bytes read and written.</param>
public readonly record struct Workload(Seconds Time, int BusyCores, long Macs, long Bytes);
