namespace EdgePrune.Pruner.Importance;

/// <summary>Which units compete with each other.</summary>
public enum ScoreScope
{
    /// <summary>All of them, by their scores.</summary>
    Global,

    /// <summary>
    /// Those of a group among themselves: a unit's score becomes its place in its group, so that every group gives the same share before
    /// any gives more, costs aside.
    /// </summary>
    Layer,

    /// <summary>
    /// Those of groups that are coupled alike (Fang et al., "Isomorphic Pruning for Vision Models", ECCV 2024): a score becomes the place
    /// among the units of all groups with the same kinds of slices.
    /// </summary>
    Isomorphic,
}
