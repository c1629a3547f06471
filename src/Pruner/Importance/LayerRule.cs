namespace EdgePrune.Pruner.Importance;

/// <summary>What a user says of the layers whose names match a pattern.</summary>
/// <param name="Pattern">Name of a node or of its weights; * stands for any characters, ? for one.</param>
/// <param name="Least">Share of the units that the layer makes which must stay, 0 to 1.</param>
/// <param name="Most">Share of them that may stay, above 0 and up to 1: below 1 the layer is made smaller whatever the budget says.</param>
/// <param name="IsProtected">True where the layer stays as it is: neither the units that it makes nor those that it reads go.</param>
public sealed record LayerRule(string Pattern, double Least = 0, double Most = 1, bool IsProtected = false)
{
    /// <summary>The layers that stay as they are.</summary>
    public static LayerRule Protect(string pattern) => new(pattern, IsProtected: true);
}
