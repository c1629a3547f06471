namespace EdgePrune.Pruner.Schedules;

/// <summary>When units and weights go.</summary>
public enum PruningScheduleKind
{
    /// <summary>All at once.</summary>
    OneShot,

    /// <summary>In several cuts, each scored on the model that the last one left.</summary>
    Iterative,

    /// <summary>Layer after layer, each scored on the fitted model that the last one left; the widths are chosen beforehand.</summary>
    LayerByLayer,

    /// <summary>During training, a growing share of them masked (Zhu and Gupta, 2017).</summary>
    Gradual,

    /// <summary>During training, a constant share masked, of which some come back as others go (Evci et al., 2020).</summary>
    Dynamic,

    /// <summary>Training with all weights, with the smallest held at zero, and with all again (Han et al., 2017); then as <see cref="OneShot"/>.</summary>
    DenseSparseDense,

    /// <summary>Training under an L1 penalty, after which units that have become next to nothing go.</summary>
    L1,

    /// <summary>Training under a group lasso on units, after which those that have become next to nothing go.</summary>
    GroupLasso,
}
