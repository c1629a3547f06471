using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Signing;

/// <summary>
/// JSON in the one encoding that this program writes. A signed document in any other (spaces, another order, other
/// escapes, members twice) is refused: whoever else reads it must not be able to read something else.
/// </summary>
internal static class CanonicalJson
{
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <param name="json">Bytes whose signature has been checked.</param>
    /// <param name="type">Strict encoding of the document.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <exception cref="InputException">They are not such a document, or not in its canonical encoding.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
        where T : class
    {
        T value;
        try
        {
            value = JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InputException($"{what} is not what its signature says it is: {e.Message}", e);
        }

        if (!json.SequenceEqual(Write(value, type)))
        {
            throw new InputException($"{what} is not in its canonical encoding; write it with the tool that signs it");
        }

        return value;
    }
}
