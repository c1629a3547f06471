using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Trust;

/// <summary>Strict JSON of the documents of trust: nothing unknown, nothing twice, nothing missing, nothing deep.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = 8,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RootMetadata))]
[JsonSerializable(typeof(TimestampMetadata))]
[JsonSerializable(typeof(TrustState))]
internal sealed partial class TrustJson : JsonSerializerContext;
