using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>What a device remembers of the bundles that it has accepted.</summary>
/// <param name="Accepted">The latest ones of each model, oldest first.</param>
internal sealed record TrustState([property: JsonPropertyName("accepted")] IReadOnlyList<AcceptedBundle> Accepted)
{
    /// <summary>How many are remembered for each model: enough to fall back on when a key is revoked.</summary>
    public const int KeptPerName = 16;
}
