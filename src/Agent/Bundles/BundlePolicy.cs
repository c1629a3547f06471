namespace EdgePrune.Agent.Bundles;

/// <summary>Which bundles a device takes.</summary>
public sealed record BundlePolicy
{
    /// <summary>What this board is; a bundle must name it.</summary>
    public required string DeviceClass { get; init; }

    /// <summary>The model that this board runs; a bundle must be of that name.</summary>
    public required string ModelName { get; init; }

    /// <summary>The largest file taken, in bytes.</summary>
    public long MaxFileBytes { get; init; } = 2L << 30;

    /// <summary>The most that all files may have together, in bytes.</summary>
    public long MaxTotalBytes { get; init; } = 2L << 30;

    /// <summary>What must stay free on the disk besides the bundle and the store's own copy of the model, in bytes.</summary>
    public long ReservedFreeBytes { get; init; } = 16L << 20;

    /// <summary>How slowly a bundle may come.</summary>
    public RetrievalLimits Retrieval { get; init; } = new();
}
