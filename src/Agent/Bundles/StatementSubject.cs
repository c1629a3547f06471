using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>What the statement is about.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Digest">Of all resources together.</param>
internal sealed record StatementSubject(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("digest")] SubjectDigest Digest);
