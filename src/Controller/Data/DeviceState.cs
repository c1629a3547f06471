namespace EdgePrune.Controller.Data;

/// <summary>All that is kept of a device.</summary>
/// <param name="Name">As its certificate says.</param>
/// <param name="DeviceClass">What bundles for it must name.</param>
/// <param name="ModelName">Which model it runs.</param>
/// <param name="Version">Of its agent.</param>
/// <param name="Current">The digest of its model when it last took the lease, or null.</param>
/// <param name="Token">The newest fencing token.</param>
/// <param name="LeaseUntil">When the lease ends unless a sign of life comes.</param>
/// <param name="Seen">The last sign of life.</param>
/// <param name="Desired">What it is to run; null: nothing has been asked of it.</param>
/// <param name="Result">The last word about that revision or one before it; null: none.</param>
public sealed record DeviceState(
    string Name, string DeviceClass, string ModelName, string Version, string? Current,
    long Token, DateTimeOffset LeaseUntil, DateTimeOffset Seen, DesiredState? Desired, DeviceResult? Result);
