using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Store;

/// <summary>The encoding of the journal's lines, generated at build time.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = 8,
    Converters = [typeof(ModelDigestConverter)])]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
