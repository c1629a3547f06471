using System.Text.Json;
using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Recipes;

/// <summary>Members of enumerations as recipes and options write them: <c>least-squares</c>.</summary>
public static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    /// <exception cref="InputException">There is no such word.</exception>
    public static T Parse<T>(string word)
        where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (Of(value) == word)
            {
                return value;
            }
        }

        throw new InputException($"'{Printable.Name(word)}' is none of {string.Join(", ", Enum.GetValues<T>().Select(Of))}");
    }
}
