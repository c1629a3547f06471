using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgePrune.Agent.Store;

/// <summary>A digest as the text that <see cref="ModelDigest.ToString"/> gives.</summary>
internal sealed class ModelDigestConverter : JsonConverter<ModelDigest>
{
    public override ModelDigest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && ModelDigest.TryParse(reader.GetString(), out ModelDigest? digest)
            ? digest
            : throw new JsonException("not a sha256 digest");

    public override void Write(Utf8JsonWriter writer, ModelDigest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
