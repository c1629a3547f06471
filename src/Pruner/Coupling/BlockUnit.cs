namespace EdgePrune.Pruner.Coupling;

/// <summary>Something larger than a channel that can go as a whole: a residual branch, or a layer whose input and output agree.</summary>
/// <param name="Id">Its place in the list that <see cref="BlockAnalysis"/> returns.</param>
/// <param name="Kind"><see cref="UnitKind.Block"/> or <see cref="UnitKind.Layer"/>.</param>
/// <param name="Where">The sum, or the layer, as messages name it.</param>
/// <param name="Output">The value that the sum or the layer makes.</param>
/// <param name="Branch">For a block, the operand of the sum that goes; for a layer, its output.</param>
/// <param name="Kept">The value that takes the place of <paramref name="Output"/>; null where a sum keeps several operands.</param>
/// <param name="Nodes">First outputs of the nodes that go with it, because nothing else reads them.</param>
/// <param name="Parameters">Initializers that only those nodes read.</param>
/// <param name="ParameterCount">Their elements.</param>
public sealed record BlockUnit(
    int Id,
    UnitKind Kind,
    string Where,
    string Output,
    string Branch,
    string? Kept,
    IReadOnlyList<string> Nodes,
    IReadOnlyList<string> Parameters,
    long ParameterCount);
