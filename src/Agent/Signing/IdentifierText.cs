using System.Buffers;

namespace EdgePrune.Agent.Signing;

/// <summary>The names that signed documents use for models, device classes and files.</summary>
public static class IdentifierText
{
    public const int MaxLength = 64;

    private static readonly SearchValues<char> First = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> Rest = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._+-");

    /// <summary>
    /// Whether a text is 1 to 64 characters of a–z, 0–9, <c>. _ + -</c>, begins with a letter or a digit and holds no
    /// <c>..</c>: neither a path nor anything that a terminal, a shell or a file system that ignores case reads otherwise.
    /// </summary>
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= MaxLength }
        && First.Contains(text[0])
        && !text.AsSpan().ContainsAnyExcept(Rest)
        && !text.Contains("..", StringComparison.Ordinal);
}
