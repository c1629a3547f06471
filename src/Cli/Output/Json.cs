using System.Text.Json;

namespace EdgePrune.Cli.Output;

/// <summary>Writes documents; see <see cref="DocumentJson"/>.</summary>
internal static class Json
{
    public static JsonSerializerOptions Options => DocumentJson.Options;

    public static string Write(object document) => JsonSerializer.Serialize(document, document.GetType(), Options);
}
