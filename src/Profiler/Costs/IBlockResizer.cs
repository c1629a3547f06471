using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Cuts a block to other widths. The pruner implements it with its surgery; the profiler only measures what comes out.
/// A block's widths are the numbers of units of its free axes (for a convolution: input channels, output channels), in an order
/// that depends only on the structure of the block, so that equal blocks have equal widths.
/// </summary>
public interface IBlockResizer
{
    /// <summary>Widths of the block as it is; empty where nothing in it can be cut.</summary>
    IReadOnlyList<int> FullWidths(OnnxModel block);

    /// <summary>
    /// A copy of the block in which axis i has <c>widths[i]</c> units, 1 to the full width. Declared shapes of inputs and outputs
    /// follow; which units stay does not matter.
    /// </summary>
    OnnxModel Resize(OnnxModel block, IReadOnlyList<int> widths);
}
