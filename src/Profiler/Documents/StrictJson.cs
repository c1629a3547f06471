using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgePrune.Profiler.Documents;

/// <summary>How documents are read that may come from anywhere: nothing twice, nothing missing, no null where a value belongs.</summary>
public static class StrictJson
{
    public static JsonSerializerOptions Options { get; } = new(DocumentJson.Options)
    {
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        MaxDepth = 16,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireWhatCannotBeNull } },
    };

    private static void RequireWhatCannotBeNull(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            bool optional = property.AssociatedParameter is not { } parameter || parameter.IsNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;
            property.IsRequired = !optional;
        }
    }
}
