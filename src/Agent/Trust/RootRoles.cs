using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>Who may sign what.</summary>
/// <param name="Root">Signs the next root.</param>
/// <param name="Bundle">Signs bundles.</param>
/// <param name="Timestamp">Signs timestamps. Null: none are used, and only a bundle's own expiry bounds its age.</param>
public sealed record RootRoles(
    [property: JsonPropertyName("root")] RoleKeys Root,
    [property: JsonPropertyName("bundle")] RoleKeys Bundle,
    [property: JsonPropertyName("timestamp")] RoleKeys? Timestamp = null);
