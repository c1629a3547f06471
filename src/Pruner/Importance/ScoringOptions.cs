using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Importance;

/// <summary>How units are scored.</summary>
public sealed record ScoringOptions
{
    /// <summary>Name of the criterion, see <see cref="ImportanceCriteria"/>.</summary>
    public string Criterion { get; init; } = "l2";

    /// <summary>How the scores of a unit's slices become one; the criterion's own way where null.</summary>
    public Reduction? Reduction { get; init; }

    /// <summary>How groups are made comparable; the criterion's own way where null.</summary>
    public ScoreNormalization? Normalization { get; init; }

    /// <summary>Which units compete with each other.</summary>
    public ScoreScope Scope { get; init; }

    /// <summary>Samples, for criteria that need some. Training data, never those that the result is judged by.</summary>
    public CalibrationData? Data { get; init; }

    /// <summary>Random masks of units that scores are averaged over; null for none.</summary>
    public ScoreDropout? Dropout { get; init; }
}
