namespace EdgePrune.Agent.Bundles;

/// <summary>How slowly a sender may send before it is dropped; what this device itself takes to write does not count.</summary>
public sealed record RetrievalLimits
{
    /// <summary>The least rate on average, in bytes a second.</summary>
    public long MinBytesPerSecond { get; init; } = 1024;

    /// <summary>Time granted on top of that rate.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);
}
