using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>The newest bundle of one model.</summary>
/// <param name="Name">The model's name in its bundles.</param>
/// <param name="Version">The bundle's version.</param>
/// <param name="Manifest">The SHA-256 of the bundle's signed manifest (<see cref="Signing.Envelope.PayloadDigest"/>).</param>
public sealed record NewestBundle(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("version")] long Version,
    [property: JsonPropertyName("manifest")] string Manifest);
