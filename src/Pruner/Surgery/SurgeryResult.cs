using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Surgery;

/// <summary>A model that was cut, and what was done to it.</summary>
/// <param name="Model">The pruned copy.</param>
/// <param name="Plan">What was removed, and what became of each unit's constant: verification needs nothing else.</param>
public sealed record SurgeryResult(OnnxModel Model, PruningPlan Plan);
