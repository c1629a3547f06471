using System.Text.Json;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Output;

/// <summary>Words for the kinds of units: in options and documents (<c>key-value-group</c>), and for people.</summary>
internal static class UnitWords
{
    /// <summary>What can be asked for. Single weights are masked, never cut, so no command removes them.</summary>
    public static IReadOnlyList<string> Choices { get; } = [.. Enum.GetValues<UnitKind>().Where(k => k != UnitKind.Weight).Select(Of)];

    /// <summary>The kind's word in options and documents.</summary>
    public static string Of(UnitKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    public static bool TryParse(string word, out UnitKind kind)
    {
        kind = Enum.GetValues<UnitKind>().FirstOrDefault(k => Of(k) == word);
        return Choices.Contains(word, StringComparer.Ordinal);
    }

    /// <summary>"1 head", "64 key-value groups".</summary>
    public static string Counted(int count, string word) => $"{count} {word.Replace('-', ' ')}{(count == 1 ? "" : "s")}";
}
