namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>A channel of a simulated INA3221.</summary>
/// <param name="Label">The device tree's name of it, or null for none.</param>
/// <param name="Line">What it measures, or null where the channel is disabled.</param>
/// <param name="ShuntOhms">Shunt in ohms; 5 mΩ on Orin Nano, 2 mΩ on AGX Orin.</param>
public sealed record SimulatedChannel(string? Label, ISupplyLine? Line, double ShuntOhms);
