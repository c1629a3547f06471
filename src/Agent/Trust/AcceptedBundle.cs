using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>A bundle that this device has accepted, so that it will not accept an older one.</summary>
/// <param name="Name">The model's name in its bundles.</param>
/// <param name="Version">The bundle's version.</param>
/// <param name="Issued">When it was signed, by its own word: time cannot be earlier.</param>
/// <param name="Manifest">The SHA-256 of its signed manifest.</param>
/// <param name="Signers">The keys whose signatures counted.</param>
public sealed record AcceptedBundle(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("issued")] DateTimeOffset Issued,
    [property: JsonPropertyName("manifest")] string Manifest,
    [property: JsonPropertyName("signers")] IReadOnlyList<string> Signers);
