namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>What becomes of the constant of one unit.</summary>
/// <param name="Fate">Dropped, or folded.</param>
/// <param name="Reason">Why it is dropped; null where it is folded.</param>
internal sealed record UnitConstant(ConstantFate Fate, string? Reason);
