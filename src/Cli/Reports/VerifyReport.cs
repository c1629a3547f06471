using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="VerifyDocument"/> for people.</summary>
internal static class VerifyReport
{
    public static void Show(IAnsiConsole console, VerifyDocument document)
    {
        console.Write(Tables.Facts(
            ("largest error", $"{document.MaxAbsError:G3}, {document.MaxRelError:G3} of the output's range (allowed: {document.Tolerance:G1})"),
            ("inputs", document.Runs.ToString())));
        console.Line(
            document.Ok ? "Equal: the pruned model computes what the masked original computes." : "NOT equal: the pruned model does not compute what the plan says.",
            new Style(document.Ok ? Color.Green : Color.Red));
    }
}
