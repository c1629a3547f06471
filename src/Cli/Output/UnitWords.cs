using System.Collections.Immutable;
using System.Text.Json;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Cli.Output;

/// <summary>Words for the kinds of units: in options and documents (<c>key-value-group</c>), and for people.</summary>
internal static class UnitWords
{
    /// <summary>What can be looked for. Single weights are masked, never cut.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<UnitKind>().Where(k => k != UnitKind.Weight).Select(Of)];

    /// <summary>What a budget is met with: units of which a layer has many, and whole blocks and layers.</summary>
    public static IReadOnlyList<string> OfBudgets { get; } = All;

    /// <summary>What may become of constants, in the order of <see cref="ConstantHandling"/>.</summary>
    public static ImmutableArray<string> OfConstants { get; } =
        [.. Enum.GetNames<ConstantHandling>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    /// <summary>The kind's word in options and documents.</summary>
    public static string Of(UnitKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    public static UnitKind Parse(string word) => Enum.GetValues<UnitKind>().First(k => Of(k) == word);

    /// <summary>"1 head", "64 key-value groups".</summary>
    public static string Counted(int count, string word) => $"{count} {word.Replace('-', ' ')}{(count == 1 ? "" : "s")}";
}
