namespace EdgePrune.Pruner.Reconstruction;

/// <summary>What is fitted.</summary>
public enum ReconstructionKind
{
    /// <summary>The mean of every output of a layer: its bias moves by what the mean is off.</summary>
    Bias,

    /// <summary>All weights and biases of a layer, by least squares.</summary>
    LeastSquares,

    /// <summary>Means and variances of BatchNormalization, estimated anew; see <see cref="NormalizationEstimator"/>.</summary>
    Normalization,
}

/// <summary>How a pruned model is fitted to the activations of the original.</summary>
public sealed record ReconstructionOptions
{
    public ReconstructionKind Kind { get; init; } = ReconstructionKind.LeastSquares;

    /// <summary>
    /// Weight of ‖W − W₀‖² beside the squared error, as a share of the mean square of a column; W₀ are the weights as surgery left them.
    /// </summary>
    public double Ridge { get; init; } = 1e-3;

    /// <summary>
    /// Rows of the least squares, at most: places of the outputs are drawn so that all samples together give no more. A layer never takes
    /// fewer than one place a sample.
    /// </summary>
    public int Rows { get; init; } = 1 << 16;

    /// <summary>
    /// True to fit what a residual branch ends with to the sum that it goes into: it then also makes up for what the other operand has lost.
    /// </summary>
    public bool CompensateSums { get; init; } = true;

    /// <summary>Bytes of activations that may be kept so that each layer starts from the last narrow place before it and not from the input.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Seed of the places that are drawn.</summary>
    public int Seed { get; init; }
}
