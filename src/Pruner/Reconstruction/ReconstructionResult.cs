using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>How well a layer's output was restored, on the samples that it was fitted to.</summary>
/// <param name="Layer">The value that the layer makes.</param>
/// <param name="Before">Squared error over the variance of what it should make, as surgery left it.</param>
/// <param name="After">The same after the fit.</param>
public sealed record FittedLayer(string Layer, double Before, double After);

/// <summary>A pruned model with fitted weights.</summary>
/// <param name="Model">A copy; its shapes are those of the pruned model.</param>
/// <param name="Layers">The layers that were fitted, in order.</param>
/// <param name="Skipped">Layers that could not be, and why.</param>
public sealed record ReconstructionResult(OnnxModel Model, IReadOnlyList<FittedLayer> Layers, IReadOnlyList<(string Layer, string Why)> Skipped);
