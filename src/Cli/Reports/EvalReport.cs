using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>An <see cref="EvalDocument"/> for people.</summary>
internal static class EvalReport
{
    private const int MostClasses = 12;

    public static void Show(IAnsiConsole console, EvalDocument document)
    {
        console.Write(Tables.Facts(
        [
            ("samples", document.N.ToString()),
            ("accuracy", Figures.Percent(document.Accuracy, 2)),
            .. document.Top5 is { } top ? new[] { ("top-5", Figures.Percent(top, 2)) } : [],
            ("F1", $"{Figures.Percent(document.F1Macro, 2)} macro, {Figures.Percent(document.F1Micro, 2)} micro"),
        ]));
        console.Line();
        if (document.Classes.Count > MostClasses)
        {
            console.Line($"{document.Classes.Count} classes; --json lists each of them and the confusion matrix.");
            return;
        }

        console.Line("Rows are the true classes, columns what the model answered.");
        Table table = Tables.Of(["label", .. document.Classes.Select(c => c.Name + ">"), "recall>", "precision>"]);
        foreach (TableColumn column in table.Columns.Skip(1).Take(document.Classes.Count))
        {
            column.PadLeft(1).PadRight(0); // ten classes fit into 80 columns
        }

        for (int i = 0; i < document.Classes.Count; i++)
        {
            EvalClass row = document.Classes[i];
            table.Row([row.Name, .. document.Confusion[i].Select(n => n == 0 ? "·" : n.ToString()), Figures.Percent(row.Recall), Figures.Percent(row.Precision)]);
        }

        console.Write(table);
    }
}
