using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Deployment;

/// <summary>A model that brought the service down.</summary>
/// <param name="Digest">Its name in the store.</param>
/// <param name="Time">When that was found out.</param>
/// <param name="Reason">What it did.</param>
public sealed record BadModel(
    [property: JsonPropertyName("digest")] string Digest,
    [property: JsonPropertyName("time")] DateTimeOffset Time,
    [property: JsonPropertyName("reason")] string Reason);
