using EdgePrune.Agent.Faults;

namespace EdgePrune.Agent.Store;

/// <summary>How a <see cref="ModelStore"/> behaves; the defaults are right for a board.</summary>
public sealed record ModelStoreOptions
{
    /// <summary>The largest model taken, in bytes. 2 GiB is what the protobuf encoding of ONNX can hold.</summary>
    public long MaxObjectBytes { get; init; } = 2L << 30;

    /// <summary>What must stay free on the disk besides the model itself, in bytes: a full disk stops more than the store.</summary>
    public long ReservedFreeBytes { get; init; } = 16L << 20;

    /// <summary>
    /// Whether <c>current</c> and <c>previous</c> are symbolic links. Where not (Windows; exFAT cards), they are small
    /// text files that hold the same relative path. Reading takes either.
    /// </summary>
    public bool UseLinks { get; init; } = !OperatingSystem.IsWindows();

    /// <summary>
    /// How many lines the journal keeps at least: a hundred deployments of seven lines, as many as the agent lists. When it has twice
    /// as many the older ones are set aside: a board that cannot deploy tries every few seconds for weeks.
    /// </summary>
    public int JournalLines { get; init; } = 700;

    /// <summary>Gives the times in the journal.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Told at every step; does nothing in the product.</summary>
    public IFaultPoints FaultPoints { get; init; } = NoFaultPoints.Instance;
}
