namespace EdgePrune.Pruner.Coupling;

/// <summary>What goes on paper where units go.</summary>
/// <param name="Params">Parameters, counted as <see cref="EdgePrune.Profiler.Layers.ModelStatistics"/> counts them.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
public readonly record struct UnitCost(long Params, long Macs);
