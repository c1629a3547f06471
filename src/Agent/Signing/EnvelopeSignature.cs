using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Signing;

/// <summary>One signature of an <see cref="Envelope"/>.</summary>
/// <param name="KeyId">The <see cref="VerificationKey.Id"/> of the key that is said to have made it; a hint, not a proof.</param>
/// <param name="Signature">64 bytes.</param>
public sealed record EnvelopeSignature(
    [property: JsonPropertyName("keyid")] string KeyId,
    [property: JsonPropertyName("sig")] byte[] Signature);
