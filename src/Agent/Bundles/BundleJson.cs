using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Bundles;

/// <summary>Strict JSON of the manifest: nothing unknown, nothing twice, nothing missing, nothing deep.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = 8,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BundleStatement))]
internal sealed partial class BundleJson : JsonSerializerContext;
