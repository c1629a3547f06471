using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="CostsDocument"/> for people.</summary>
internal static class CostsReport
{
    private const int OtherColumns = 56;

    public static void Show(IAnsiConsole console, CostsDocument document)
    {
        console.Write(Tables.Facts(
            ("device", document.Device),
            ("network", $"{Figures.Milliseconds(document.NetworkMs.Median)} measured; its layers and layout changes differ from that by {Figures.Signed(document.ResidualPct, 1)} %"),
            ("error", document.Error is { } error ? $"median {error.MedianPct:F1} %, worst {error.WorstPct:F1} % at {error.Count} held-out widths, {Noise(error)}" : "not known: no widths were held out"),
            ("kept in", document.Table)));
        console.Line();

        Table table = Tables.Of("layer", "widths", "steps", "25 %>", "50 %>", "75 %>", "100 %>");
        foreach (CostsLayer layer in document.Layers)
        {
            if (layer.Widths.Count == 0)
            {
                continue; // nothing in it can be cut
            }

            string[] curve = [.. layer.Curve.Select(p => Figures.Milliseconds(p.TimeUs / 1000))];
            string[] padded = [.. Enumerable.Repeat("", Math.Max(0, 4 - curve.Length)), .. curve];
            table.Row([Figures.End(layer.Name, console.Profile.Width - OtherColumns), string.Join("×", layer.Widths), string.Join(", ", layer.Steps.Select(s => s.Step)), .. padded]);
        }

        console.Write(table);
        foreach (string note in document.Notes)
        {
            console.Line($"! {note}", new Style(Color.Yellow));
        }

        foreach ((string layer, string problem) in document.Problems)
        {
            console.Line($"! {layer}: {problem}", new Style(Color.Yellow));
        }
    }

    private static string Noise(CostsError error) =>
        error.NoisePct is { } noise ? $"whose own readings are good to ±{noise:F1} %" : "some read only once, since the time was up: more --seconds tell more";
}
