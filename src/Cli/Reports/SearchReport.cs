using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="SearchDocument"/> for people.</summary>
internal static class SearchReport
{
    public static void Show(IAnsiConsole console, SearchDocument document)
    {
        Table table = Tables.Of("model", $"{document.Metric}>", "predicted>", "accuracy>", "recipe");
        foreach (FrontModel model in document.Front)
        {
            table.Row(Path.GetFileName(model.Output), Figures.Percent(model.Cost), Figures.Percent(model.Predicted), Figures.Percent(model.Accuracy, 2), model.Recipe);
        }

        table.Row("the original", Figures.Percent(1), Figures.Percent(1), Figures.Percent(document.Accuracy, 2), "");
        console.Write(table);
        console.Write(Tables.Facts(
            ("accuracy", $"on {document.HeldOut} samples held out of the training data; the front was chosen by them, so expect a little less on others"),
            ("cost", document.Metric switch
            {
                "latency" => "measured, interleaved with the original",
                "energy" => $"{document.Provenance}, at latencies measured interleaved with the original",
                _ => "counted",
            }),
            ("tried", $"{document.Trials.Count} models in {Figures.Milliseconds(document.Seconds * 1e3)}; {document.Trials.Count(t => t.Problem is not null)} could not be made")));
        console.Place("folder", document.Folder, "accuracy".Length);
    }
}
