using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="VerifyDocument"/> for people.</summary>
internal static class VerifyReport
{
    public static void Show(IAnsiConsole console, VerifyDocument document)
    {
        string size = $"{document.MaxAbsError:G3}, {document.MaxRelError:G3} of the output's range";
        console.Write(Tables.Facts(
            document.Exact ? ("largest error", $"{size} (allowed: {document.Tolerance:G1})") : ("deviation", size),
            ("inputs", document.Runs.ToString())));
        if (document.BorderDeviation is { } border)
        {
            console.Line(
                $"Constants were folded through padding: the error is against constants that go on beyond the border. Against zeros there, as the original reads, it is {border:G3} of the output's range.");
        }

        if (document.Exact || !document.Ok)
        {
            console.Line(
                document.Ok ? "Equal: the pruned model computes what the masked original computes." : "NOT equal: the pruned model does not compute what the plan says.",
                new Style(document.Ok ? Color.Green : Color.Red));
            return;
        }

        console.Line("The plan removes units for which a cut model differs from a masked one by nature:");
        foreach (InexactUnits units in document.Inexact ?? [])
        {
            console.Line($"  {UnitWords.Counted(units.Units, "unit")}: {Printable.Text(units.Reason, keepLines: false)}");
        }

        console.Line("The deviation says how much; it is no fault. Whether the model is still good enough, its accuracy tells (edgeprune eval).");
    }
}
