using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>A residual branch or a layer that goes as a whole.</summary>
/// <param name="Block">Its id among the blocks of the model.</param>
/// <param name="Kind"><see cref="UnitKind.Block"/> or <see cref="UnitKind.Layer"/>.</param>
/// <param name="Output">The value that the sum (or the layer) makes.</param>
/// <param name="Branch">For a block, the operand of the sum that counts for nothing; for a layer, its output.</param>
/// <param name="Kept">The value that takes the place of <paramref name="Output"/>: the other operand, or the layer's input. Null where a sum keeps several operands.</param>
public sealed record RemovedBlock(int Block, UnitKind Kind, string Output, string Branch, string? Kept);
