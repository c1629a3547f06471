using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="DeployDocument"/> for people.</summary>
internal static class DeployReport
{
    public static void Show(IAnsiConsole console, DeployDocument document)
    {
        var facts = new List<(string, string)>
        {
            ("serves now", Figures.Digest(document.Deployed.Digest) + (document.AlreadyCurrent ? " (served already; nothing was done)" : "")),
            ("before", document.Replaced is null ? "no model" : Figures.Digest(document.Replaced)),
        };
        if (document.Preflight is { } preflight)
        {
            string memory = preflight.PeakMemoryBytes is { } bytes ? $", {Figures.Bytes(bytes)} of memory" : "";
            facts.Add(("trial run", $"{Figures.Milliseconds(preflight.ElapsedMs)} in a child process{memory}"));
        }

        console.Write(Tables.Facts([.. facts]));
        console.Place("file", document.Deployed.Path, "serves now".Length);
    }
}
