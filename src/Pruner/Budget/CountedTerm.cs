namespace EdgePrune.Pruner.Budget;

/// <summary>Multiply-accumulates of a node, or bytes of a tensor of parameters.</summary>
/// <param name="Term">The cost by widths.</param>
/// <param name="Node">The node's first output; null for parameters.</param>
/// <param name="Tensor">The initializer; null for a node.</param>
public sealed record CountedTerm(CostTerm Term, string? Node, string? Tensor);
