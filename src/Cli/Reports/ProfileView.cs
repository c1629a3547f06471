using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="ProfileDocument"/> for people.</summary>
internal static class ProfileView
{
    private const int Wide = 100;
    private const int OtherColumns = 60;
    private const int SpreadColumn = 7;

    public static void Show(IAnsiConsole console, ProfileDocument document, int top)
    {
        LatencyFigure latency = document.Network.LatencyMs;
        string energy = document.Network.EnergyMj is { } figure
            ? $"{Range(figure.Median, figure.Low, figure.High, Figures.Millijoules)} a run, {document.Provenance} ({document.ProvenanceSource})"
            : "not known: the measurement is not valid, see below";
        console.Write(Tables.Facts(
            ("device", document.Device),
            ("runtime", document.Runtime),
            ("latency", $"{Range(latency.Median, latency.Low, latency.High, Figures.Milliseconds)}, p95 {Figures.Milliseconds(latency.P95)}, p99 {Figures.Milliseconds(latency.P99)}, {latency.Runs} runs"),
            ("energy", energy),
            ("work", $"{Figures.Count(document.Network.Macs)} MACs, {Figures.Count(document.Network.Params)} parameters, {Figures.Bytes(document.Network.PeakActivationBytes)} of activations at the peak")));
        console.Line();

        console.Write(Layers(document, top, console.Profile.Width));
        if (document.Layers.Count > top)
        {
            console.Line($"and {document.Layers.Count - top} cheaper layers (--top {document.Layers.Count} shows all)");
        }

        console.Line($"Sum of layers and overhead against the network: {Figures.Signed(document.Closure.TimeResidualPct, 1)} % time{(document.Closure.EnergyResidualPct is { } residual ? $", {Figures.Signed(residual, 1)} % energy" : "")}");
        foreach (string warning in document.Warnings)
        {
            console.Line($"! {warning}", new Style(Color.Yellow));
        }
    }

    private static Table Layers(ProfileDocument document, int top, int width)
    {
        // A narrow terminal needs the room for names.
        bool spread = width >= Wide;
        string energy = $"energy\n({document.Provenance})>";
        Table table = Tables.Of(spread ? ["layer", "operator", "time>", "±>", energy, "share>"] : ["layer", "operator", "time>", energy, "share>"]);
        foreach (ProfileLayer layer in document.Layers.OrderByDescending(l => l.Share).Take(top))
        {
            List<string> cells =
            [
                Figures.End(Name(layer), width - OtherColumns - (spread ? SpreadColumn : 0)),
                layer.Op,
                layer.TimeUs is { } time ? Figures.Milliseconds(time.Median / 1000) : "not alone",
                layer.EnergyUj is { } own ? Figures.Millijoules(own.Median / 1000) : "",
                Figures.Percent(layer.Share),
            ];
            if (spread)
            {
                cells.Insert(3, layer.TimeUs is { Median: > 0 } figure ? Figures.Percent((figure.High - figure.Low) / 2 / figure.Median, 0) : "");
            }

            table.Row([.. cells]);
        }

        return table;
    }

    // The runtime names a fused layer after its last node; `inspect` lists the first, which does the work.
    private static string Name(ProfileLayer layer) => layer.Nodes.Count == 0 ? layer.Name : layer.Nodes[0];

    private static string Range(double median, double low, double high, Func<double, string> format) =>
        $"{format(median)} ({format(low)} to {format(high)})";
}
