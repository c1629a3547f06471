using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>The predicate of the signed statement.</summary>
internal sealed record BundlePredicate(
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("issued")] DateTimeOffset Issued,
    [property: JsonPropertyName("expires")] DateTimeOffset Expires,
    [property: JsonPropertyName("deviceClasses")] IReadOnlyList<string> DeviceClasses,
    [property: JsonPropertyName("resources")] IReadOnlyList<BundleResource> Resources,
    [property: JsonPropertyName("gates"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BundleGates? Gates = null);
