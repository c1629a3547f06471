using System.Globalization;
using EdgePrune.Agent.Trust;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Keys;

/// <summary>Says what a root holds, what the next one changes, and which signatures are still missing.</summary>
internal static class RootReport
{
    private const int ShownDigits = 12;

    public static Outcome Outcome(string path, RootUpdate update, string before) => new(RootUpdateDocument.Of(path, update), console =>
    {
        console.Write(new Text(before));
        Write(console, update.Next);
        console.Write(new Text(Changes(update)));
        console.Write(new Text(update.IsComplete
            ? "it has all signatures: send it to the agents (PUT /v1/trust/root)\n"
            : $"still missing: {Missing("of the root in force", update.ByPrevious, update.Previous)}{Missing("of its own root keys", update.ByItself, update.Next)}\n"));
    });

    public static void Write(IAnsiConsole console, RootMetadata root)
    {
        console.Write(new Text(string.Create(CultureInfo.InvariantCulture, $"root {root.Version}, until {root.Expires:u}\n")));
        foreach (SigningRole role in Enum.GetValues<SigningRole>())
        {
            if (root.KeysOf(role) is { } assigned)
            {
                console.Write(new Text($"  {Word(role)}: {assigned.Threshold.ToString(CultureInfo.InvariantCulture)} of {string.Join(", ", assigned.Keys.Select(k => Short(k.Id)))}\n"));
            }
        }
    }

    private static string Changes(RootUpdate update)
    {
        var lines = new List<string>();
        foreach (SigningRole role in Enum.GetValues<SigningRole>())
        {
            string[] before = [.. update.Previous.KeysOf(role)?.Keys.Select(k => k.Id) ?? []];
            string[] after = [.. update.Next.KeysOf(role)?.Keys.Select(k => k.Id) ?? []];
            lines.AddRange(after.Except(before).Select(k => $"  {Word(role)} gains {Short(k)}\n"));
            lines.AddRange(before.Except(after).Select(k => $"  {Word(role)} loses {Short(k)}\n"));
            if (update.Previous.KeysOf(role)?.Threshold is { } was && update.Next.KeysOf(role)?.Threshold is { } becomes && was != becomes)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"  {Word(role)} needs {becomes} signatures instead of {was}\n"));
            }
        }

        return lines.Count == 0 ? $"after root {update.Previous.Version.ToString(CultureInfo.InvariantCulture)} no key changes\n" : string.Concat(lines);
    }

    private static string Missing(string whose, (IReadOnlyList<string> Signers, int Threshold) state, RootMetadata root)
    {
        int missing = state.Threshold - state.Signers.Count;
        IEnumerable<string> possible = root.KeysOf(SigningRole.Root)!.Value.Keys.Select(k => k.Id).Except(state.Signers).Select(Short);
        return missing <= 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{missing} {whose} ({string.Join(", ", possible)}) ");
    }

    private static string Short(string id) => id[..ShownDigits];

    private static string Word(SigningRole role) => role.ToString().ToLowerInvariant();
}
