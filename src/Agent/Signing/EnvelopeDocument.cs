using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Signing;

/// <summary>The JSON of an <see cref="Envelope"/>, with the member names of DSSE.</summary>
internal sealed record EnvelopeDocument(
    [property: JsonPropertyName("payloadType")] string PayloadType,
    [property: JsonPropertyName("payload")] byte[] Payload,
    [property: JsonPropertyName("signatures")] IReadOnlyList<EnvelopeSignature> Signatures);
