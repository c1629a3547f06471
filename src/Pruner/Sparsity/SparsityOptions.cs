using EdgePrune.Pruner.Calibration;

namespace EdgePrune.Pruner.Sparsity;

/// <summary>How single weights become zero.</summary>
public sealed record SparsityOptions
{
    /// <summary>How many, and in what pattern.</summary>
    public required SparsityPattern Pattern { get; init; }

    /// <summary>How a weight's worth is found.</summary>
    public SparsityMethod Method { get; init; } = SparsityMethod.Magnitude;

    /// <summary>True to compare weights of all layers with each other; false to take the share of each layer. Patterns with a fixed share in each place do not ask.</summary>
    public bool IsGlobal { get; init; }

    /// <summary>Layers to leave alone: names of nodes or weights, * and ? stand for characters.</summary>
    public IReadOnlyList<string> Protected { get; init; } = [];

    /// <summary>Samples, for methods that need some. Training data, never those that the result is judged by.</summary>
    public CalibrationData? Data { get; init; }
}
