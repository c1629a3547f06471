using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>The SHA-256 over the digests of all resources in their order, as OpenSSF Model Signing computes it.</summary>
internal sealed record SubjectDigest([property: JsonPropertyName("sha256")] string Sha256);
