namespace EdgePrune.Pruner.Budget;

/// <summary>Bytes of a value between the layers.</summary>
/// <param name="Term">The bytes by widths.</param>
/// <param name="Value">Its name.</param>
public sealed record CountedValue(CostTerm Term, string Value);
