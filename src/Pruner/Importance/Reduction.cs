namespace EdgePrune.Pruner.Importance;

/// <summary>How the scores of a unit's slices become one.</summary>
public enum Reduction
{
    /// <summary>Their sum: a unit that touches many layers counts for more.</summary>
    Sum,

    /// <summary>Their mean, as Torch-Pruning's default.</summary>
    Mean,

    /// <summary>The largest.</summary>
    Max,

    /// <summary>The Euclidean norm: √Σ s².</summary>
    Norm,
}
