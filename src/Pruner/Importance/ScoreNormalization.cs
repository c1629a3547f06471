namespace EdgePrune.Pruner.Importance;

/// <summary>What the scores of a group are divided by, so that groups can be compared.</summary>
public enum ScoreNormalization
{
    /// <summary>Nothing: scores are compared as they are.</summary>
    None,

    /// <summary>The group's mean, as Torch-Pruning's default.</summary>
    Mean,

    /// <summary>The group's sum: each group has the same importance in all.</summary>
    Sum,

    /// <summary>The group's largest score.</summary>
    Max,
}
