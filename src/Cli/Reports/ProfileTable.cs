using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>The layers of a profile, the most expensive first, with a bar each.</summary>
internal static class ProfileTable
{
    private const int Wide = 126;
    private const int NarrowBar = 8;
    private const int WideBar = 24;
    private const int NarrowColumns = 64;
    private const int WideColumns = 110;

    /// <param name="document">The profile.</param>
    /// <param name="top">Rows at most.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static Table Of(ProfileDocument document, int top, int width)
    {
        bool byEnergy = document.Layers.Any(l => l.EnergyUj is not null);
        bool wide = width >= Wide;
        ProfileLayer[] layers = Order(document.Layers);
        Figure? Known(ProfileLayer l) => byEnergy ? l.EnergyUj : l.TimeUs;
        double Cost(ProfileLayer l) => Known(l)?.Median ?? 0;
        double largest = layers.Length == 0 ? 0 : layers.Max(Cost);
        double all = layers.Sum(Cost);

        Table table = Tables.Of([.. Headings(document, byEnergy, wide)]);
        foreach (TableColumn column in table.Columns)
        {
            column.NoWrap = true;
        }

        var bars = new Style(byEnergy ? Color.Olive : Color.Teal);
        foreach (ProfileLayer layer in layers.Take(top))
        {
            int room = width - (wide ? WideColumns : NarrowColumns);
            List<Text> cells =
            [
                new(Figures.End(Printable.Name(layer.Title()), room)),
                new(Figures.End(Printable.Name(layer.Op), wide ? 16 : 12)),
                new(layer.TimeUs is { } time ? Figures.Milliseconds(time.Median / 1000) : "not alone"),
            ];
            if (wide)
            {
                cells.Add(new(Spread(layer.TimeUs)));
            }

            if (byEnergy)
            {
                cells.Add(new(layer.EnergyUj is { } energy ? Figures.Millijoules(energy.Median / 1000) : ""));
                if (wide)
                {
                    cells.Add(new(Spread(layer.EnergyUj)));
                    cells.Add(new(layer.DynamicEnergyUj is { } dynamic ? Figures.Millijoules(dynamic.Median / 1000) : ""));
                }
            }

            cells.Add(new(all > 0 && Known(layer) is not null ? Figures.Percent(Cost(layer) / all) : ""));
            cells.Add(new(Bar(Cost(layer), largest, wide ? WideBar : NarrowBar), bars));
            table.AddRow(cells);
        }

        return table;
    }

    /// <summary>By energy, or by time where no energy is known; what is not known comes last, in the order of execution.</summary>
    public static ProfileLayer[] Order(IReadOnlyList<ProfileLayer> layers)
    {
        bool byEnergy = layers.Any(l => l.EnergyUj is not null);
        return [.. layers.OrderByDescending(l => (byEnergy ? l.EnergyUj : l.TimeUs)?.Median ?? double.NegativeInfinity)];
    }

    /// <summary>A bar of eighths of a character.</summary>
    internal static string Bar(double value, double largest, int width)
    {
        const string Eighths = " ▏▎▍▌▋▊▉";
        if (!(largest > 0) || !(value > 0))
        {
            return "";
        }

        // What costs anything shows.
        int eighths = Math.Max(1, (int)Math.Round(Math.Min(1, value / largest) * width * 8));
        string whole = new('█', eighths / 8);
        return eighths % 8 == 0 ? whole : whole + Eighths[eighths % 8];
    }

    private static IEnumerable<string> Headings(ProfileDocument document, bool byEnergy, bool wide)
    {
        yield return "layer";
        yield return "operator";
        yield return wide ? "time\n(measured)>" : "time>";
        if (wide)
        {
            yield return "±>";
        }

        if (byEnergy)
        {
            yield return $"energy\n({document.Provenance})>";
            if (wide)
            {
                yield return "±>";
                yield return "above\nidle>";
            }
        }

        yield return byEnergy ? "of the\nenergy>" : "of the\ntime>";
        yield return "";
    }

    private static string Spread(Figure? figure) =>
        figure is { Median: > 0 } f ? Figures.Percent((f.High - f.Low) / 2 / f.Median, 0) : "";
}
