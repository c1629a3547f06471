using System.Text.Json.Serialization;
using EdgePrune.Agent.Signing;

namespace EdgePrune.Agent.Trust;

/// <summary>
/// Says which bundle of each model is the newest, and expires soon: who can only hold messages back cannot keep a
/// device on an old bundle without the device knowing (TUF's timestamp and snapshot in one).
/// </summary>
public sealed record TimestampMetadata
{
    /// <summary>The type under which it is signed.</summary>
    public const string PayloadType = "application/vnd.edgeprune.timestamp.v1+json";

    internal const int MaxBundles = 256;

    /// <summary>Never counts down.</summary>
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    [JsonPropertyName("issued")]
    public required DateTimeOffset Issued { get; init; }

    [JsonPropertyName("expires")]
    public required DateTimeOffset Expires { get; init; }

    [JsonPropertyName("bundles")]
    public required IReadOnlyList<NewestBundle> Bundles { get; init; }

    /// <summary>Signs it.</summary>
    public Envelope Seal(IEnumerable<SigningKey> keys) => Envelope.Seal(
        PayloadType,
        CanonicalJson.Write(this with { Issued = WholeSeconds.Of(Issued), Expires = WholeSeconds.Of(Expires) }, TrustJson.Default.TimestampMetadata),
        keys);
}
