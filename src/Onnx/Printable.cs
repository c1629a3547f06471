using System.Globalization;

namespace EdgePrune.Onnx;

/// <summary>Text out of a model file, made fit for a terminal: names may hold escape sequences, line breaks or a megabyte.</summary>
public static class Printable
{
    private const int MaxNameLength = 100;

    /// <summary>The name with control and formatting characters replaced by '?', cut after a hundred characters.</summary>
    public static string Name(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Text(text.Length > MaxNameLength ? text[..MaxNameLength] + "…" : text, keepLines: false);
    }

    /// <summary>A list of numbers, cut after sixteen.</summary>
    public static string Dims(IEnumerable<long> dims)
    {
        ArgumentNullException.ThrowIfNull(dims);
        List<long> shown = [.. dims.Take(17)];
        return $"[{string.Join(", ", shown.Take(16))}{(shown.Count > 16 ? ", …" : "")}]";
    }

    /// <summary>The text with control and formatting characters replaced by '?'.</summary>
    public static string Text(string text, bool keepLines)
    {
        bool Bad(char c) => (char.IsControl(c) && !(keepLines && c == '\n')) || char.GetUnicodeCategory(c) == UnicodeCategory.Format;
        return text.Any(Bad) ? string.Concat(text.Select(c => Bad(c) ? '?' : c)) : text;
    }
}
