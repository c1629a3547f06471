namespace EdgePrune.Agent.Fleet;

/// <summary>What an agent says of its device when it takes the lease.</summary>
/// <param name="DeviceClass">What bundles must name.</param>
/// <param name="ModelName">Which model it runs.</param>
/// <param name="Version">The agent's.</param>
/// <param name="Current">The digest of the model in service, or null.</param>
public sealed record LeaseRequest(string DeviceClass, string ModelName, string Version, string? Current);
