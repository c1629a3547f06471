using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Service.Serving;

/// <param name="Median">Of the windows in which the model ran alone.</param>
/// <param name="Provenance">Where it comes from.</param>
internal sealed record EnergyPerInference(Joules Median, Provenance Provenance);
