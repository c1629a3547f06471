using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="CompareDocument"/> for people.</summary>
internal static class CompareReport
{
    private const int Wide = 130;
    private const int NarrowColumns = 60;
    private const int WideColumns = 114;
    private const int RoomForIntervals = 100;

    public static void Show(IAnsiConsole console, CompareDocument document, int top)
    {
        console.Write(Tables.Facts([.. Sides(document)]));
        foreach (string reason in document.Reasons)
        {
            console.Line($"! {Capital(reason)}.", new Style(Color.Yellow));
        }

        console.Line();
        console.Write(Network(document, console.Profile.Width >= RoomForIntervals));
        console.Write(Layers(document, top, console.Profile.Width));
        if (document.Layers.Count > top)
        {
            console.Line($"and {document.Layers.Count - top} layers that differ less (--top {document.Layers.Count} shows all)");
        }

        console.Line(Sum("Times", document.Times, document.Layers.Count));
        if (document.EnergiesComparable && document.A.Provenance != "modelled")
        {
            console.Line(Sum("Energies", document.Energies, document.Layers.Count));
        }

        console.Line($"Real means: {document.Method}.");
        foreach (string remark in document.Remarks)
        {
            console.Line($"! {Capital(remark)}.", new Style(Color.Yellow));
        }
    }

    /// <summary>What a word of <see cref="DifferenceWord"/> says to people.</summary>
    public static string Words(string difference) => difference switch
    {
        DifferenceWord.Lower => "really lower",
        DifferenceWord.Higher => "really higher",
        DifferenceWord.Noise => "within noise",
        DifferenceWord.NotCompared => "not compared",
        DifferenceWord.OnlyA => "only in A",
        DifferenceWord.OnlyB => "only in B",
        DifferenceWord.Modelled => "modelled",
        _ => "not known",
    };

    /// <summary>Layers with the largest difference first: of energy where it is compared, else of time.</summary>
    public static ComparedLayer[] Order(CompareDocument document)
    {
        bool byEnergy = ByEnergy(document);
        double Size(ComparedLayer l)
        {
            ComparedFigure f = byEnergy ? l.Energy : l.Time;
            return Math.Abs((f.B?.Median ?? 0) - (f.A?.Median ?? 0));
        }

        return [.. document.Layers.OrderByDescending(Size)];
    }

    private static bool ByEnergy(CompareDocument document) => document.EnergiesComparable && document.A.Provenance != "modelled";

    private static IEnumerable<(string, string)> Sides(CompareDocument document)
    {
        foreach ((CompareSide side, string name) in new[] { (document.A, "A"), (document.B, "B") })
        {
            string model = side.Model.Length > 0 ? Printable.Name(side.Model) : "a model without a name";
            yield return (name, $"{side.File}: {model} on {Printable.Name(side.Device)}, {Printable.Name(side.Runtime)}, energies {side.Provenance} ({Printable.Name(side.ProvenanceSource)})");
        }
    }

    private static Table Network(CompareDocument document, bool intervals)
    {
        Table table = Tables.Of("", "A>", "B>", "B/A>", "");
        foreach (ComparedFigure figure in document.Network)
        {
            string provenance = figure.Quantity == "latency" ? "measured"
                : document.A.Provenance == document.B.Provenance ? document.A.Provenance : $"{document.A.Provenance}, {document.B.Provenance}";
            table.AddRow(
                new Text($"{(figure.Quantity == "dynamic energy" ? "above idle" : figure.Quantity)} ({provenance})"),
                new Text(Value(figure.A, figure.Unit)),
                new Text(Value(figure.B, figure.Unit)),
                new Text(Ratio(figure.Ratio, intervals)),
                Difference(figure.Difference));
        }

        foreach (ComparedSize size in document.Memory)
        {
            Func<double, string> format = size.Unit == "B" ? Figures.Bytes : Figures.Count;
            table.Row(size.Quantity, format(size.A), format(size.B), size.Ratio is { } ratio ? $"{ratio:F3}" : "", size.A == size.B ? "the same" : "exact");
        }

        return table;
    }

    private static Table Layers(CompareDocument document, int top, int width)
    {
        bool wide = width >= Wide;
        bool byEnergy = ByEnergy(document);
        string energy = document.A.Provenance == document.B.Provenance ? $"energy ({document.A.Provenance})" : "energy";
        string[] time = ["time (measured)\nA>", "B>", "B/A>", ""];
        string[] joules = [$"{energy}\nA>", "B>", "B/A>", ""];
        Table table = Tables.Of(["layer", .. wide ? [.. time, .. joules] : byEnergy ? joules : time]);
        foreach (TableColumn column in table.Columns)
        {
            column.NoWrap = true;
        }

        foreach (ComparedLayer layer in Order(document).Take(top))
        {
            var cells = new List<Text> { new(Figures.End(Printable.Name(layer.NameA ?? layer.NameB ?? ""), width - (wide ? WideColumns : NarrowColumns))) };
            if (wide || !byEnergy)
            {
                cells.AddRange(Cells(layer.Time));
            }

            if (wide || byEnergy)
            {
                cells.AddRange(Cells(layer.Energy));
            }

            table.AddRow(cells);
        }

        return table;
    }

    private static Text[] Cells(ComparedFigure figure) =>
        [new(Value(figure.A, figure.Unit)), new(Value(figure.B, figure.Unit)), new(Ratio(figure.Ratio, interval: false)), Difference(figure.Difference)];

    private static string Value(Figure? figure, string unit) => figure is null
        ? ""
        : unit switch
        {
            "ms" => Figures.Milliseconds(figure.Median),
            "µs" => Figures.Milliseconds(figure.Median / 1000),
            "mJ" => Figures.Millijoules(figure.Median),
            _ => Figures.Millijoules(figure.Median / 1000),
        };

    private static string Ratio(RatioFigure? ratio, bool interval) =>
        ratio is null ? ""
        : ratio.High is not { } high ? $"{ratio.Value:F3}, ≥ {ratio.Low:F3}"
        : interval ? $"{ratio.Value:F3} ({ratio.Low:F3}–{high:F3})"
        : $"{ratio.Value:F3} ±{(high - ratio.Low) / 2 / ratio.Value * 100:F1} %";

    private static Text Difference(string word) => new(Words(word), word switch
    {
        DifferenceWord.Lower => new Style(Color.Green),
        DifferenceWord.Higher => new Style(Color.Red),
        _ => new Style(Color.Grey),
    });

    private static string Sum(string what, CompareCounts counts, int layers) =>
        $"{what}: {counts.Lower} of {layers} layers really lower in B, {counts.Higher} really higher, {counts.Noise} within the noise, {counts.Other} not compared.";

    private static string Capital(string sentence) => sentence.Length == 0 ? "" : char.ToUpperInvariant(sentence[0]) + sentence[1..];
}
