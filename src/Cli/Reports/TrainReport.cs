using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Training;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="TrainDocument"/> for people.</summary>
internal static class TrainReport
{
    private const int MostRows = 16;

    public static void Show(IAnsiConsole console, TrainDocument document)
    {
        bool judged = document.ValidationSamples > 0;
        Table table = judged
            ? Tables.Of("epoch>", "learning rate>", "loss>", "accuracy>", "validation loss>", "validation>")
            : Tables.Of("epoch>", "learning rate>", "loss>", "accuracy>");
        TrainEpoch[] shown = [.. Shown(document)];
        foreach (TrainEpoch epoch in shown)
        {
            string mark = epoch.Epoch == document.Best.Epoch ? "* " : "";
            table.Row([
                $"{mark}{epoch.Epoch}", Figures.Digits(epoch.LearningRate), Figures.Digits(epoch.Loss), Figures.Percent(epoch.Accuracy),
                .. judged ? new[] { Figures.Digits(epoch.ValidationLoss ?? 0), Figures.Percent(epoch.ValidationAccuracy ?? 0, 2) } : []]);
        }

        console.Write(table);
        if (document.Epochs.Count > shown.Length)
        {
            console.Line($"{shown.Length} of {document.Epochs.Count} epochs; --json and --html have all.");
        }

        console.Line();
        console.Write(Tables.Facts(
            ("kept", judged
                ? $"epoch {document.Best.Epoch} (*), {Figures.Percent(document.Best.ValidationAccuracy ?? 0, 2)} of {document.ValidationSamples} samples held back"
                : $"epoch {document.Best.Epoch}, the last; nothing was held back to judge by"),
            ("ended", document.StoppedEarly ? $"early: no better epoch after {document.Best.Epoch}" : "after all epochs"),
            ("trained", $"{Figures.Count(document.Params)} parameters on {document.Samples:N0} samples, {document.Steps:N0} steps"),
            ("took", $"{TrainingView.Clock(TimeSpan.FromSeconds(document.Seconds))} in steps, {Figures.Count(document.SamplesPerSecond)} samples/s")));
        console.Place("model", document.Output, "trained".Length);
    }

    // The first, the last and the best, and others evenly between them.
    private static IEnumerable<TrainEpoch> Shown(TrainDocument document)
    {
        int count = document.Epochs.Count;
        HashSet<int> places = [.. Enumerable.Range(0, MostRows).Select(i => (int)((long)i * (count - 1) / (MostRows - 1)))];
        return document.Epochs.Where((e, i) => places.Contains(i) || e.Epoch == document.Best.Epoch);
    }
}
