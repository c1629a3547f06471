using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Costs;

/// <summary>The source nodes of one layer as a small model of their own, with the names of the source model's tensors.</summary>
/// <param name="Key">Signature: equal for blocks that cost the same at equal widths.</param>
/// <param name="Model">The block; shapes are fixed, weights are those of the source model.</param>
/// <param name="FullWidths">Widths of the block as it is, see <see cref="IBlockResizer"/>.</param>
/// <param name="BlockedInputs">Inputs that reach the layer in the runtime's blocked layout.</param>
public sealed record CostBlock(string Key, OnnxModel Model, IReadOnlyList<int> FullWidths, IReadOnlyList<string> BlockedInputs);
