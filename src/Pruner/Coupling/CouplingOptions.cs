namespace EdgePrune.Pruner.Coupling;

/// <summary>Which units the analysis looks for.</summary>
public sealed record CouplingOptions
{
    public static CouplingOptions Default { get; } = new();

    /// <summary>
    /// Also units for which cutting and masking differ by nature: a normalisation, a softmax or a mean runs over the very axis that
    /// is cut. Frozen where false.
    /// </summary>
    public bool AllowInexact { get; init; }

    /// <summary>
    /// Kinds wanted; null for all that cut finest. A kind that excludes another (whole groups of a convolution instead of channels
    /// inside them) is only looked for where it is named.
    /// </summary>
    public IReadOnlyList<UnitKind>? Kinds { get; init; }

    public bool Wants(UnitKind kind) => Kinds is null || Kinds.Contains(kind);

    /// <summary>True where a kind is named, and not merely not excluded.</summary>
    public bool Names(UnitKind kind) => Kinds is not null && Kinds.Contains(kind);

    /// <summary>
    /// True where neurons are asked for and heads are not: units inside attention are then the same position in every head, and no
    /// head goes as a whole.
    /// </summary>
    internal bool CutsInsideHeads => Names(UnitKind.Neuron) && !Names(UnitKind.Head) && !Names(UnitKind.KeyValueGroup);

    public bool Equals(CouplingOptions? other) =>
        other is not null && AllowInexact == other.AllowInexact && (Kinds ?? []).Order().SequenceEqual((other.Kinds ?? []).Order()) && Kinds is null == other.Kinds is null;

    public override int GetHashCode() => HashCode.Combine(AllowInexact, Kinds?.Count);
}
