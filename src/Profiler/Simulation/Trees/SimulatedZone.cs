namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>A zone of a simulated powercap tree.</summary>
/// <param name="Folder">intel-rapl:0, intel-rapl:0:1…</param>
/// <param name="Name">package-0, core, dram, psys.</param>
/// <param name="Line">What its counter adds up.</param>
/// <param name="StartJoules">What the counter has at the begin; near the range for an early wrap.</param>
/// <param name="RangeMicrojoules">Where it starts again at 0: 2^32 units of 61 µJ on most parts.</param>
public sealed record SimulatedZone(string Folder, string Name, ISupplyLine Line, double StartJoules = 0, long RangeMicrojoules = 262_143_328_850);
