namespace EdgePrune.Pruner.Surgery;

/// <summary>What surgery does with the constants that removed units carry; see <see cref="ConstantFate"/>.</summary>
public enum ConstantHandling
{
    /// <summary>Removed units are masked where they are made and where they are read: their constants are lost.</summary>
    Drop,

    /// <summary>Constants go into the biases of the layers that read them wherever that is exact; the others are dropped.</summary>
    Fold,

    /// <summary>
    /// As <see cref="Fold"/>, and also into layers that pad their input with zeros, where it is exact inside and not at the border.
    /// </summary>
    FoldPadded,
}
