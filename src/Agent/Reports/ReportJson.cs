using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Reports;

/// <summary>Strict JSON of the statement: nothing unknown, nothing twice, nothing missing, nothing deep.</summary>
[JsonSourceGenerationOptions(
    MaxDepth = 8,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReportStatement))]
internal sealed partial class ReportJson : JsonSerializerContext;
