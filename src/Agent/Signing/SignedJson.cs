using System.Text.Json.Serialization;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Reports;

namespace EdgePrune.Agent.Signing;

/// <summary>Strict JSON of envelopes and of what is signed in them: nothing unknown, nothing twice, nothing missing, nothing deep.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = 8,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EnvelopeDocument))]
[JsonSerializable(typeof(BundleStatement))]
[JsonSerializable(typeof(ReportStatement))]
internal sealed partial class SignedJson : JsonSerializerContext;
