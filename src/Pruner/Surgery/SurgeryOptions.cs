using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>How a model is cut, and what goes besides its units.</summary>
public sealed record SurgeryOptions
{
    public static SurgeryOptions Default { get; } = new();

    /// <summary>What becomes of the constants of removed units.</summary>
    public ConstantHandling Constants { get; init; }

    /// <summary>Residual branches and layers that go, from <see cref="BlockAnalysis"/>.</summary>
    public IReadOnlyList<BlockUnit> Blocks { get; init; } = [];

    /// <summary>Single weights that become zero.</summary>
    public IReadOnlyList<WeightMask> Weights { get; init; } = [];
}
