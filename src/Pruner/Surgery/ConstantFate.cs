namespace EdgePrune.Pruner.Surgery;

/// <summary>
/// What became of the constant that a removed unit carries: with the weights that make it zero, a channel is still its bias, sent
/// through whatever follows.
/// </summary>
public enum ConstantFate
{
    /// <summary>It is gone: the unit is masked where it is made and where it is read.</summary>
    Dropped,

    /// <summary>It went into the biases of the layers that read it: the unit is masked where it is made only.</summary>
    Folded,

    /// <summary>
    /// It went into the biases of layers of which at least one pads its input with zeros. The result is exact inside; at the border
    /// it is as if the constant went on beyond it, in place of the zeros that the original reads there.
    /// </summary>
    FoldedPadded,
}
