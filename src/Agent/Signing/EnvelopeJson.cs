using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Signing;

/// <summary>Strict JSON: nothing unknown, nothing twice, nothing missing, nothing deep.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = 8,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EnvelopeDocument))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;
