using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>Who may sign in one role.</summary>
/// <param name="KeyIds">Names of keys in <see cref="RootMetadata.Keys"/>.</param>
/// <param name="Threshold">How many of them must sign.</param>
public sealed record RoleKeys(
    [property: JsonPropertyName("keyids")] IReadOnlyList<string> KeyIds,
    [property: JsonPropertyName("threshold")] int Threshold);
