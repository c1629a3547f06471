namespace EdgePrune.Pruner.Knowledge;

/// <summary>What is known beforehand of layers whose names match a pattern.</summary>
/// <param name="Pattern">Name of a node or of its weights; * stands for any characters, ? for one.</param>
/// <param name="Sensitivity">Scores of the units that these layers make are multiplied by this, above 0.</param>
public sealed record LayerPrior(string Pattern, double Sensitivity);
