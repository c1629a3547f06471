namespace EdgePrune.Training.Loop;

/// <summary>All that a training needs to go on besides tensors.</summary>
internal sealed record LoopState
{
    /// <summary>Steps done.</summary>
    public long Step { get; set; }

    /// <summary>Loss of the very first step, by which an explosion is told.</summary>
    public double? FirstLoss { get; set; }

    /// <summary>Norm of the very first gradient, where norms are known.</summary>
    public double? FirstNorm { get; set; }

    /// <summary>Sum over the steps of the epoch at work.</summary>
    public double EpochLoss { get; set; }

    /// <summary>Steps of the epoch at work.</summary>
    public long EpochSteps { get; set; }

    /// <summary>Samples of the epoch at work that were answered right.</summary>
    public long EpochCorrect { get; set; }

    /// <summary>Time that the steps of the epoch at work took.</summary>
    public double EpochSeconds { get; set; }

    /// <summary>Epochs done.</summary>
    public List<EpochRecord> Curve { get; init; } = [];

    /// <summary>The best of <see cref="Curve"/>, by its place; −1 before there is any.</summary>
    public int Best { get; set; } = -1;

    /// <summary>Whether there is nothing left to do.</summary>
    public bool IsFinished { get; set; }

    /// <summary>A copy that later steps do not change.</summary>
    public LoopState Copy() => this with { Curve = [.. Curve] };
}
