using System.Globalization;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>An <see cref="EvaluationDocument"/> for people.</summary>
internal static class EvaluationReport
{
    private const int MostClasses = 20;

    /// <summary>Rows below those of <see cref="BeforeAfterTable"/>.</summary>
    public static void AddTo(Table table, EvaluationDocument document)
    {
        (EvaluationSide before, EvaluationSide after) = (document.Before, document.After);
        if (before is { Classification: { } old } && after is { Classification: { } now })
        {
            Share(table, "top-5", old.Top5, now.Top5);
            Share(table, "F1 (macro)", old.F1Macro, now.F1Macro);
            Share(table, "F1 (micro)", old.F1Micro, now.F1Micro);
            Share(table, "precision (macro)", old.PrecisionMacro, now.PrecisionMacro);
            Share(table, "recall (macro)", old.RecallMacro, now.RecallMacro);
        }

        if (before is { Regression: { } was } && after is { Regression: { } becomes })
        {
            Row(table, "mean error", Number, was.Mae, becomes.Mae);
            Row(table, "RMS error", Number, was.Rmse, becomes.Rmse);
            table.Row("R²", Number(was.R2), Number(becomes.R2), "");
        }

        Row(table, "gzipped", Figures.Bytes, before.GzipBytes, after.GzipBytes);
        Row(table, "Brotli", Figures.Bytes, before.BrotliBytes, after.BrotliBytes);
        if (before.MemoryBytes is { } memory && after.MemoryBytes is { } less)
        {
            Row(table, "memory (counted)", Figures.Bytes, memory, less);
        }
    }

    /// <summary>What has no two sides.</summary>
    public static IEnumerable<(string, string)> Facts(EvaluationDocument document)
    {
        if (document.Agreement is { } agreement)
        {
            string same = agreement is { SameClass: { } share } ? $"same class for {Figures.Percent(share, 2)}; "
                : agreement is { SamePositions: { } positions, SameThroughout: { } throughout } ? $"same class at {Figures.Percent(positions, 2)} of the positions, at all of {Figures.Percent(throughout, 1)} of the samples; "
                : "";
            yield return ("agreement", $"{same}outputs off by {Number(agreement.Outputs.Rmse)} (RMS), R² {Number(agreement.Outputs.R2)}, on {document.Samples} samples");
        }

        if (document.PruningSeconds > 0)
        {
            yield return ("took", $"{Figures.Milliseconds(document.PruningSeconds * 1e3)} pruning, {(document.TrainingSeconds > 0 ? $"{Figures.Milliseconds(document.TrainingSeconds * 1e3)} training" : "nothing trained")}");
        }
    }

    /// <summary>Class by class, where there are few enough.</summary>
    public static void ShowClasses(IAnsiConsole console, EvaluationDocument document)
    {
        if (document.Before.Classification is not { Classes.Count: <= MostClasses } before || document.After.Classification is not { } after)
        {
            return;
        }

        Table table = Tables.Of("class", "samples>", "precision>", "after>", "recall>", "after>", "F1>", "after>");
        foreach ((EvalClass old, EvalClass now) in before.Classes.Zip(after.Classes))
        {
            table.Row(
                old.Name, old.Support.ToString(CultureInfo.InvariantCulture), Figures.Percent(old.Precision), Figures.Percent(now.Precision),
                Figures.Percent(old.Recall), Figures.Percent(now.Recall), Figures.Percent(old.F1), Figures.Percent(now.F1));
        }

        console.Write(table);
    }

    private static void Share(Table table, string name, double? before, double? after)
    {
        if (before is { } old && after is { } now)
        {
            table.Row(name, Figures.Percent(old, 2), Figures.Percent(now, 2), $"{Figures.Signed((now - old) * 100, 2)} points");
        }
    }

    private static void Row(Table table, string name, Func<double, string> format, double before, double after) =>
        table.Row(name, format(before), format(after), Figures.Change(before, after));

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}
